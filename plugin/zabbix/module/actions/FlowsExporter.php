<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData, CControllerResponseFatal;
use Modules\Weir\Lib\{ExporterLinks, Sidecar, SidecarException, TemplateImport};

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
		$data = ['exporter' => $address, 'name' => $address, 'link' => null, 'error' => null, 'group' => TemplateImport::GROUP];

		try {
			if (!array_key_exists($address, Sidecar::exporters())) {
				access_deny();
			}

			$data['name'] = (Sidecar::exporters()[$address]['name'] ?? '') ?: $address;
			$data['link'] = ExporterLinks::readable()[$address] ?? null;
		}
		catch (SidecarException $e) {
			$data['error'] = $e->getMessage();
		}

		$response = new CControllerResponseData($data);
		$response->setTitle(_('Flows'));
		$this->setResponse($response);
	}
}
