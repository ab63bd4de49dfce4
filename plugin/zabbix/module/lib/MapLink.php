<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;

/**
 * The interfaces behind a link of a map: those of the items in its triggers and in the macros of its label, for example
 * {?last(/edge-1/net.if.in[ifHCInOctets.3])}.
 */
class MapLink {

	/**
	 * @return array|null  [hostid => ['name', 'indexes' => [int]]] of both ends that are hosts which the user may read; null if
	 *                     the map or the link is not there for this user.
	 *
	 * @throws SidecarException
	 */
	public static function ends(string $sysmapid, string $linkid): ?array {
		$maps = API::Map()->get([
			'output' => ['sysmapid'],
			'sysmapids' => $sysmapid,
			'selectLinks' => ['linkid', 'selementid1', 'selementid2', 'label', 'linktriggers'],
			'selectSelements' => ['selementid', 'elementtype', 'elements']
		]);

		foreach ($maps ? $maps[0]['links'] : [] as $link) {
			if (bccomp($link['linkid'], $linkid) == 0) {
				return self::withIndexes(self::hosts($maps[0]['selements'], $link), $link);
			}
		}

		return null;
	}

	private static function hosts(array $selements, array $link): array {
		$hostids = [];

		foreach ($selements as $selement) {
			if ($selement['elementtype'] == SYSMAP_ELEMENT_TYPE_HOST
					&& in_array($selement['selementid'], [$link['selementid1'], $link['selementid2']])) {
				$hostids[] = $selement['elements'][0]['hostid'];
			}
		}

		return $hostids
			? API::Host()->get(['output' => ['host', 'name'], 'hostids' => $hostids, 'preservekeys' => true])
			: [];
	}

	private static function withIndexes(array $hosts, array $link): array {
		$items = [];
		$keys = [];

		// In macros of the label the host goes by its technical name.
		preg_match_all('/\/([^\/{}()]+)\/((?:net|weir)\.if\.[a-z.]+\[[^\]]*\])/', $link['label'], $matches, PREG_SET_ORDER);

		foreach ($matches as [, $name, $key]) {
			foreach ($hosts as $hostid => $host) {
				if ($host['host'] === $name) {
					$keys[$hostid][] = $key;
				}
			}
		}

		foreach ($keys as $hostid => $wanted) {
			$items[$hostid] = API::Item()->get([
				'output' => ['itemid', 'key_'],
				'hostids' => $hostid,
				'filter' => ['key_' => $wanted]
			]);
		}

		if ($link['linktriggers']) {
			$triggers = API::Trigger()->get([
				'output' => [],
				'selectItems' => ['itemid', 'hostid', 'key_'],
				'triggerids' => array_column($link['linktriggers'], 'triggerid')
			]);

			foreach ($triggers as $trigger) {
				foreach ($trigger['items'] as $item) {
					$items[$item['hostid']][] = $item;
				}
			}
		}

		foreach ($hosts as $hostid => &$host) {
			$host['indexes'] = Interfaces::indexesOf((string) $hostid, $items[$hostid] ?? []);
		}
		unset($host);

		return $hosts;
	}
}
