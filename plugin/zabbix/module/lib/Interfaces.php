<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;

/**
 * Names of a host's interfaces, out of the items that Zabbix polls anyway: those of the standard network templates
 * (net.if.in[ifHCInOctets.3], named "Interface Gi0/3(uplink): Bits received", tagged interface and description).
 */
class Interfaces {

	/**
	 * @return array  [ifIndex => ['name', 'alias', 'speed_bps' => int|null]], as far as the user may read the host.
	 */
	public static function ofHost(string $hostid): array {
		$items = API::Item()->get([
			'output' => ['itemid', 'key_', 'name'],
			'selectTags' => ['tag', 'value'],
			'hostids' => $hostid,
			'search' => ['key_' => 'net.if.in['],
			'startSearch' => true
		]);
		$interfaces = [];

		foreach ($items as $item) {
			$index = self::indexOfKey($item['key_']);

			if ($index !== null) {
				$interfaces[$index] = self::names($item) + ['speed_bps' => null];
			}
		}

		if ($interfaces) {
			$speeds = API::Item()->get([
				'output' => ['itemid', 'key_', 'lastvalue'],
				'hostids' => $hostid,
				'search' => ['key_' => 'net.if.speed['],
				'startSearch' => true
			]);

			foreach ($speeds as $item) {
				$index = self::indexOfKey($item['key_']);

				if ($index !== null && array_key_exists($index, $interfaces) && (float) $item['lastvalue'] > 0) {
					$interfaces[$index]['speed_bps'] = (int) $item['lastvalue'];
				}
			}
		}

		return $interfaces;
	}

	/**
	 * The ifIndex in the key of an item: net.if.in[ifHCInOctets.3], net.if.out[...], weir.if.in[3]; else null.
	 */
	public static function indexOfKey(string $key): ?int {
		return preg_match('/^net\.if\.[a-z.]+\[if[A-Za-z]+\.(\d{1,10})\]$/', $key, $m)
				|| preg_match('/^weir\.if\.[a-z.]+\[(\d{1,10})\]$/', $key, $m)
			? (int) $m[1]
			: null;
	}

	/**
	 * "Gi0/3 (uplink) 1 Gbit/s" of what is known; without a name "interface 3".
	 */
	public static function label(int $index, ?array $interface): string {
		if ($interface === null || ($interface['name'] ?? '') === '') {
			return _s('interface %1$s', $index);
		}

		return $interface['name'].(($interface['alias'] ?? '') !== '' ? ' ('.$interface['alias'].')' : '');
	}

	private static function names(array $item): array {
		$tags = array_column($item['tags'], 'value', 'tag');
		$names = ['name' => $tags['interface'] ?? '', 'alias' => $tags['description'] ?? ''];

		if (preg_match('/^Interface (.+)\((.*)\): /U', $item['name'], $m)) {
			$names = ['name' => $names['name'] ?: $m[1], 'alias' => $names['alias'] ?: $m[2]];
		}

		return $names;
	}
}
