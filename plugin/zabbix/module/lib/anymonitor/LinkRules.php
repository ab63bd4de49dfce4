<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib\AnyMonitor;

/**
 * Which exporter is which host. Who administers a host decides its addresses and names, so a host that fits never takes an
 * exporter from another: not from the one that it was linked to before, and not from one that fits as well. And a host that
 * others than super admins may edit gets none by itself: they would see more than before. The collector reckons the same (sidecar/monitor/device_links.cpp); tests/support/zabbix/device_links.json holds what both must answer.
 * Nothing of Zabbix is used here.
 */
class LinkRules {

	public const BY_HAND = 'hand';
	public const BY_ADDRESS = 'address';
	public const BY_NAME = 'name';

	/**
	 * @param array $exporters  [address => ['name', 'link' => ['hostid', 'by_hand']|null]]
	 * @param array $hosts      [hostid => ['addresses' => [], 'names' => [], 'delegated' => others than super admins may edit it]]
	 *
	 * @return array  'links' => [address => ['hostid', 'by', 'others' => count of other hosts that fit as well]],
	 *                'unsettled' => [address => hostids that fit, of which a super admin has to choose one]
	 */
	public static function match(array $exporters, array $hosts): array {
		// Wanted: canonical address => address of exporter; name in lower case => [addresses of exporters].
		$by_address = [];
		$by_name = [];

		foreach ($exporters as $address => $exporter) {
			$by_address[self::canonical((string) $address) ?? (string) $address] = (string) $address;
			$name = mb_strtolower(trim((string) ($exporter['name'] ?? '')));

			if ($name !== '' && self::canonical($name) === null) {
				$by_name[$name][] = (string) $address;

				if (strpos($name, '.') > 0) {
					$by_name[strstr($name, '.', true)][] = (string) $address;
				}
			}
		}

		$found = [];

		foreach ($hosts as $hostid => $host) {
			foreach ($host['addresses'] as $text) {
				$address = self::canonical($text);

				if ($address !== null && array_key_exists($address, $by_address)) {
					$found[$by_address[$address]][$hostid] = self::BY_ADDRESS;
				}
			}

			foreach ($host['names'] as $name) {
				foreach ($by_name[mb_strtolower(trim($name))] ?? [] as $address) {
					$found[$address][$hostid] ??= self::BY_NAME;
				}
			}
		}

		$result = ['links' => [], 'unsettled' => []];

		foreach ($exporters as $address => $exporter) {
			$fitting = $found[$address] ?? [];
			$kept = $exporter['link'] ?? null;
			$hostid = self::settle($fitting, $kept, $hosts);

			if ($hostid !== null) {
				$result['links'][$address] = [
					'hostid' => $hostid,
					'by' => $kept !== null && $kept['by_hand'] ? self::BY_HAND : $fitting[$hostid],
					'others' => count(array_diff_key($fitting, [$hostid => 1]))
				];
			}
			elseif ($fitting) {
				$result['unsettled'][$address] = array_map('strval', array_keys($fitting));
			}
		}

		return $result;
	}

	private static function settle(array $fitting, ?array $kept, array $hosts): ?string {
		if ($kept === null) {
			$hostid = array_key_first($fitting);

			return count($fitting) == 1 && !$hosts[$hostid]['delegated'] ? (string) $hostid : null;
		}

		$acts = $kept['by_hand'] ? array_key_exists($kept['hostid'], $hosts) : array_key_exists($kept['hostid'], $fitting);

		return $acts ? (string) $kept['hostid'] : null;
	}

	/**
	 * One spelling for each address, so that 2001:DB8::0:1 and 2001:db8::1 are the same; null for what is no address.
	 */
	public static function canonical(string $address): ?string {
		$packed = @inet_pton(trim($address));

		return $packed !== false ? inet_ntop($packed) : null;
	}

	/**
	 * The address of an interface of a host; '' for the loopback address that Zabbix leaves in one that is reached by its DNS
	 * name.
	 */
	public static function addressOf(string $ip, bool $by_dns): string {
		return $by_dns && preg_match('/^(127\.|::1$)/', $ip) ? '' : $ip;
	}
}
