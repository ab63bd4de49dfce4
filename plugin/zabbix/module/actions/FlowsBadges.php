<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API, CControllerResponseData;
use Modules\Weir\Lib\{ExporterLinks, Page, Sidecar, SidecarException};

/**
 * Which hosts on a map export flows now, and which have stopped, for assets/js/map.js.
 */
class FlowsBadges extends ReadAction {

	protected function checkInput(): bool {
		$ret = $this->validateInput(['sysmapid' => 'required|db sysmaps.sysmapid']);

		if (!$ret) {
			$this->respond([]);
		}

		return $ret;
	}

	protected function doAction(): void {
		$maps = API::Map()->get([
			'output' => [],
			'sysmapids' => $this->getInput('sysmapid'),
			'selectSelements' => ['selementid', 'elementtype', 'elements']
		]);
		$badges = [];

		try {
			$hosts = [];

			foreach (ExporterLinks::readable() as $address => $link) {
				$hosts[$link['hostid']][] = Sidecar::exporters()[$address];
			}

			foreach ($maps ? $maps[0]['selements'] : [] as $selement) {
				$hostid = $selement['elementtype'] == SYSMAP_ELEMENT_TYPE_HOST ? $selement['elements'][0]['hostid'] : null;

				if ($hostid !== null && array_key_exists($hostid, $hosts)) {
					$badges[$selement['selementid']] = self::badge($hosts[$hostid]);
				}
			}
		}
		catch (SidecarException $e) {
			// No badge is better than a wrong one.
			$badges = [];
		}

		$this->respond($badges);
	}

	private static function badge(array $exporters): array {
		$active = array_filter(array_column($exporters, 'active'));

		return $active
			? [
				'state' => 'exporting',
				'title' => _s('Exports flows: %1$s records per second',
					round(array_sum(array_column($exporters, 'records_per_s')), 1)
				)
			]
			: [
				'state' => 'stopped',
				'title' => _s('Exports no flows any more; the last came %1$s',
					Page::ago(max(array_column($exporters, 'last_seen_ms')))
				)
			];
	}

	private function respond(array $badges): void {
		$this->setResponse(new CControllerResponseData(['main_block' => json_encode(['badges' => (object) $badges])]));
	}
}
