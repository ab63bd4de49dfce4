<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API, CControllerResponseData;
use Modules\Weir\Lib\{ExporterLinks, Secret, Settings, Sidecar, SidecarException, TemplateImport};
use Modules\Weir\Module;

/**
 * Administration > General > Flows.
 */
class FlowsSettings extends ReadAction {

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	protected function doAction(): void {
		$data = [
			'settings' => Settings::get(),
			'secret_problem' => Secret::problem(),
			'status' => null,
			'error' => null,
			'exporters' => [],
			'template' => TemplateImport::state(),
			'script' => Module::asset('js/settings.js'),
			'style' => Module::asset('css/flows.css')
		];

		try {
			$data['exporters'] = self::exporters();
			$data['status'] = Sidecar::ask('status.get', []);
		}
		catch (SidecarException $e) {
			$data['error'] = $e->getMessage();
		}

		$response = new CControllerResponseData($data);
		$response->setTitle(_('Flows'));
		$this->setResponse($response);
	}

	/**
	 * The exporters with their links; those without a host first, as they are the ones to act on.
	 */
	private static function exporters(): array {
		$links = ExporterLinks::readable();
		$rows = [];

		foreach (Sidecar::exporters() as $address => $exporter) {
			$rows[] = $exporter + ['link' => $links[$address] ?? null];
		}

		usort($rows, static fn(array $a, array $b): int => ($a['link'] !== null) <=> ($b['link'] !== null)
			?: strnatcasecmp($a['link']['name'] ?? $a['address'], $b['link']['name'] ?? $b['address'])
		);

		return $rows;
	}
}
