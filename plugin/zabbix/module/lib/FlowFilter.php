<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;
use Modules\Weir\Lib\AnyMonitor\LinkRules;

/**
 * Filters of the collector's language for what a user clicks in Zabbix.
 */
class FlowFilter {

	/**
	 * Everything that these exporters sent, or one interface of them, or one direction of it ('in', 'out' or '').
	 */
	public static function device(array $addresses, ?int $index = null, string $direction = ''): string {
		$filter = self::anyOf('exporter', $addresses);

		return $index === null ? $filter : $filter.' and '.self::port($index, $direction);
	}

	/**
	 * One interface of whatever exporter: received ('in'), sent ('out') or both.
	 */
	public static function port(int $index, string $direction): string {
		return (['in' => 'in_if', 'out' => 'out_if'][$direction] ?? 'interface').' '.$index;
	}

	/**
	 * The host as client or server, at any exporter. Null if the host has no address.
	 */
	public static function host(string $hostid): ?string {
		$interfaces = API::HostInterface()->get(['output' => ['ip', 'useip'], 'hostids' => $hostid]);
		$addresses = [];

		foreach ($interfaces as $interface) {
			$address = LinkRules::canonical($interface['ip']);

			// An interface that goes by its DNS name keeps the 127.0.0.1 that the form of Zabbix begins with.
			if ($address !== null && ($interface['useip'] == INTERFACE_USE_IP || $address !== '127.0.0.1')) {
				$addresses[] = $address;
			}
		}

		return $addresses ? self::anyOf('host', array_values(array_unique($addresses))) : null;
	}

	private static function anyOf(string $field, array $values): string {
		$terms = array_map(static fn(string $value): string => $field.' '.$value, $values);

		return count($terms) == 1 ? $terms[0] : '('.implode(' or ', $terms).')';
	}
}
