<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API, CControllerResponseData, CControllerResponseFatal;
use Modules\Weir\Lib\AnyMonitor\LinkRules;
use Modules\Weir\Lib\{ExporterLinks, Settings, Sidecar, SidecarException, TemplateImport};

/**
 * One exporter: link it to a host, or create a host for it.
 */
class FlowsExporter extends ReadAction {

	protected function checkInput(): bool {
		$ret = $this->validateInput(['exporter' => 'required|string|not_empty']);

		if (!$ret) {
			$this->setResponse(new CControllerResponseFatal());
		}

		return $ret;
	}

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	protected function doAction(): void {
		$address = $this->getInput('exporter');
		$data = ['exporter' => $address, 'name' => $address, 'link' => null, 'fitting' => [], 'before' => null, 'error' => null,
			// also of a host that is gone
			'chosen' => array_key_exists(LinkRules::canonical($address) ?? '', Settings::links()),
			'group' => TemplateImport::GROUP
		];

		try {
			if (!array_key_exists($address, Sidecar::exporters())) {
				access_deny();
			}

			$exporter = Sidecar::exporters()[$address];
			$data['name'] = ($exporter['name'] ?? '') ?: $address;
			$data['link'] = ExporterLinks::readable()[$address] ?? null;
			$fitting = ExporterLinks::unsettled()[$address] ?? [];
			$before = ExporterLinks::before($exporter);
			$names = array_column(API::Host()->get([
				'output' => ['hostid', 'name'],
				'hostids' => array_filter(array_merge($fitting, [$before]))
			]), 'name', 'hostid');
			$data['fitting'] = array_intersect_key($names, array_flip($fitting));

			if ($fitting && $before !== null) {
				$data['before'] = $names[$before] ?? _('a host that is gone');
			}
		}
		catch (SidecarException $e) {
			$data['error'] = $e->getMessage();
		}

		$response = new CControllerResponseData($data);
		$response->setTitle(_('Flows'));
		$this->setResponse($response);
	}
}
