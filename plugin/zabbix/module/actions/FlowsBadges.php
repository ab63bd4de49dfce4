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
			'selectSelements' => ['selementid', 'elementtype', 'elementsubtype', 'elements']
		]);
		$badges = [];
		$members = [];

		try {
			$hosts = [];

			$groupids = [];

			// An exporter that the collector has forgotten may have a link for some seconds more.
			foreach (array_intersect_key(Sidecar::exporters(), $links = ExporterLinks::readable()) as $address => $exporter) {
				$hosts[$links[$address]['hostid']][] = $exporter;
			}

			foreach ($maps ? $maps[0]['selements'] : [] as $selement) {
				$element = $selement['elements'][0] ?? [];

				if ($selement['elementtype'] == SYSMAP_ELEMENT_TYPE_HOST
						&& array_key_exists($element['hostid'] ?? '', $hosts)) {
					$badges[$selement['selementid']] = self::badge($hosts[$element['hostid']]);
				}
				elseif ($selement['elementtype'] == SYSMAP_ELEMENT_TYPE_HOST_GROUP && isset($element['groupid'])
						&& $selement['elementsubtype'] == SYSMAP_ELEMENT_SUBTYPE_HOST_GROUP_ELEMENTS) {
					$groupids[] = $element['groupid'];
				}
			}

			// The core draws the hosts of such a group each by itself, as elements that are not in the database.
			$grouped = $groupids && $hosts
				? API::Host()->get(['output' => [], 'groupids' => $groupids, 'hostids' => array_keys($hosts),
					'preservekeys' => true
				])
				: [];

			foreach (array_keys($grouped) as $hostid) {
				$members[$hostid] = self::badge($hosts[$hostid]);
			}
		}
		catch (SidecarException $e) {
			// No badge is better than a wrong one.
			$badges = [];
			$members = [];
		}

		$this->respond($badges, $members);
	}

	private static function badge(array $exporters): array {
		$active = array_filter($exporters, static fn(array $exporter): bool => $exporter['active']);

		$rate = round(array_sum(array_column($active, 'records_per_s')), 1);

		return $active
			? [
				'state' => 'exporting',
				// The rate of one that has just begun is not known yet.
				'title' => $rate > 0 ? _s('Exports flows: %1$s records per second', $rate) : _('Exports flows')
			]
			: [
				'state' => 'stopped',
				'title' => _s('Exports no flows any more; the last came %1$s',
					Page::ago(max(array_column($exporters, 'last_seen_ms')))
				)
			];
	}

	/**
	 * @param array $badges   By id of the element of the map.
	 * @param array $members  By id of the host, for those that stand on the map as members of a group.
	 */
	private function respond(array $badges, array $members = []): void {
		$this->setResponse(new CControllerResponseData(['main_block' => json_encode([
			'badges' => (object) $badges,
			'members' => (object) $members
		])]));
	}
}
