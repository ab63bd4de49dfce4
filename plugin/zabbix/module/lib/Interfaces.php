<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;

/**
 * Names of a host's interfaces, out of the items that Zabbix polls anyway (see InterfaceItem), and which interface an item is
 * about.
 */
class Interfaces {

	/**
	 * @return array  [ifIndex => ['name', 'alias', 'speed_bps' => int|null]], as far as the user may read the host.
	 */
	public static function ofHost(string $hostid): array {
		$items = API::Item()->get([
			'output' => ['itemid', 'key_', 'name', 'snmp_oid', 'lastvalue'],
			'selectTags' => ['tag', 'value'],
			'hostids' => $hostid,
			'search' => ['key_' => ['net.if.in[', 'net.if.out[', 'net.if.speed[']],
			'searchByAny' => true,
			'startSearch' => true
		]);
		$interfaces = [];

		foreach ($items as $item) {
			$index = InterfaceItem::index($item['key_'], $item['snmp_oid']);

			if ($index === null) {
				continue;
			}

			$names = self::names($item);
			$interfaces[$index] ??= ['name' => '', 'alias' => '', 'speed_bps' => null];

			foreach (['name', 'alias'] as $what) {
				if ($interfaces[$index][$what] === '') {
					$interfaces[$index][$what] = $names[$what];
				}
			}

			if (strncmp($item['key_'], 'net.if.speed[', 13) == 0 && (float) $item['lastvalue'] > 0) {
				$interfaces[$index]['speed_bps'] = (int) $item['lastvalue'];
			}
		}

		return $interfaces;
	}

	/**
	 * The ifIndexes that items are about: by key and OID, or by the name of the interface where the exporter of the host, or
	 * another item of it, has one of that name. Items about no interface, or one that is not known, are left out.
	 *
	 * @param array $items  Each with 'key_'; those with a key that tells no ifIndex need 'itemid' too.
	 *
	 * @return int[]
	 *
	 * @throws SidecarException
	 */
	public static function indexesOf(string $hostid, array $items): array {
		$indexes = [];
		$open = [];

		foreach ($items as $item) {
			$index = InterfaceItem::index($item['key_']);

			if ($index !== null) {
				$indexes[] = $index;
			}
			elseif (strncmp($item['key_'], 'net.if.', 7) == 0) {
				$open[] = $item['itemid'];
			}
		}

		$named = [];

		foreach ($open ? API::Item()->get([
			'output' => ['key_', 'name', 'snmp_oid'],
			'selectTags' => ['tag', 'value'],
			'itemids' => $open,
			'hostids' => $hostid
		]) : [] as $item) {
			$index = InterfaceItem::index($item['key_'], $item['snmp_oid']);

			if ($index !== null) {
				$indexes[] = $index;

				continue;
			}

			$name = self::names($item)['name'];
			$name = $name !== '' ? $name : (string) InterfaceItem::name($item['key_']);

			if ($name !== '') {
				$named[] = mb_strtolower($name);
			}
		}

		if ($named) {
			$names = array_map(static fn(array $one): string => mb_strtolower($one['name'] ?? ''), self::known($hostid));

			foreach ($named as $name) {
				$found = array_keys($names, $name, true);

				// Two of one name would be a guess.
				if (count($found) == 1) {
					$indexes[] = (int) $found[0];
				}
			}
		}

		return array_values(array_unique($indexes));
	}

	/**
	 * What items and the exporters of the host tell, by ifIndex.
	 *
	 * @throws SidecarException
	 */
	public static function known(string $hostid): array {
		$interfaces = self::ofHost($hostid);

		foreach (array_intersect_key(Sidecar::exporters(), array_flip(ExporterLinks::addressesOf($hostid))) as $exporter) {
			foreach ($exporter['interfaces'] ?? [] as $interface) {
				if (($interfaces[$interface['index']]['name'] ?? '') === '') {
					$interfaces[$interface['index']] = $interface;
				}
			}
		}

		return $interfaces;
	}

	/**
	 * "Gi0/3 (uplink)" of what is known; without a name "interface 3".
	 */
	public static function label(int $index, ?array $interface): string {
		if ($interface === null || ($interface['name'] ?? '') === '') {
			return _s('interface %1$s', $index);
		}

		return $interface['name'].(($interface['alias'] ?? '') !== '' ? ' ('.$interface['alias'].')' : '');
	}

	private static function names(array $item): array {
		$tags = array_column($item['tags'], 'value', 'tag');
		$names = ['name' => $tags['interface'] ?? $tags['interfaces'] ?? '', 'alias' => $tags['description'] ?? ''];
		$names = array_map([InterfaceItem::class, 'withoutMacros'], $names);

		if (preg_match('/^Interface (.+)\((.*)\): /U', $item['name'], $m)) {
			$names = [
				'name' => $names['name'] ?: InterfaceItem::withoutMacros($m[1]),
				'alias' => $names['alias'] ?: InterfaceItem::withoutMacros($m[2])
			];
		}

		return $names;
	}
}
