<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API, DB;

/**
 * Which exporter is which host. By hand (host macro {$WEIR.EXPORTER}: addresses with commas between) comes first, then the
 * address of an interface of the host, then the name: that of the exporter against the host's technical name, visible name,
 * DNS name of an interface and inventory name (where the standard templates put the SNMP system name), and last its part
 * before the first dot, since another site may have a device of that short name.
 *
 * A link is found among all hosts and only then held against the user's rights. Otherwise an exporter of a hidden host
 * could be reached through a visible host with the same address or name.
 */
class ExporterLinks {

	public const MACRO = '{$WEIR.EXPORTER}';

	public const BY_HAND = 'hand';
	public const BY_ADDRESS = 'address';
	public const BY_NAME = 'name';
	private const BY_SHORT_NAME = 'short'; // told as BY_NAME

	private const TTL = 10;

	/**
	 * All links, whatever the user's rights.
	 *
	 * @return array  [address => ['hostid', 'by', 'others' => count of other hosts that fit as well]]
	 *
	 * @throws SidecarException
	 */
	public static function all(): array {
		$links = Cache::get('links', self::TTL);

		if ($links === null) {
			$links = self::find(Sidecar::exporters());
			Cache::set('links', $links);
		}

		return $links;
	}

	/**
	 * The links to hosts that the signed-in user may read, with 'name' of the host added.
	 *
	 * @throws SidecarException
	 */
	public static function readable(): array {
		$links = self::all();

		if (!$links) {
			return [];
		}

		$hosts = API::Host()->get([
			'output' => ['name'],
			'hostids' => array_unique(array_column($links, 'hostid')),
			'preservekeys' => true
		]);
		$readable = [];

		foreach ($links as $address => $link) {
			if (array_key_exists($link['hostid'], $hosts)) {
				$readable[$address] = $link + ['name' => $hosts[$link['hostid']]['name']];
			}
		}

		return $readable;
	}

	/**
	 * Addresses of the exporters linked to a host. The caller has checked that the user may read the host.
	 *
	 * @throws SidecarException
	 */
	public static function addressesOf(string $hostid): array {
		$addresses = [];

		foreach (self::all() as $address => $link) {
			if (bccomp($link['hostid'], $hostid) == 0) {
				$addresses[] = (string) $address;
			}
		}

		return $addresses;
	}

	/**
	 * One spelling for each address, so that 2001:DB8::0:1 and 2001:db8::1 are the same; null for what is no address.
	 */
	public static function canonical(string $address): ?string {
		$packed = @inet_pton(trim($address));

		return $packed !== false ? inet_ntop($packed) : null;
	}

	/**
	 * A technical name for the host of an exporter: Zabbix takes letters, digits, spaces, ".", "_" and "-" alone, and so no ":" of
	 * an IPv6 address.
	 */
	public static function technicalName(string $name): string {
		return preg_replace('/[^0-9a-zA-Z_. \-]/', '-', $name);
	}

	private static function find(array $exporters): array {
		// Wanted: canonical address => address of exporter; name in lower case => [address of exporter => way].
		$by_address = [];
		$by_name = [];

		foreach ($exporters as $address => $exporter) {
			$by_address[self::canonical((string) $address) ?? (string) $address] = (string) $address;
			$name = mb_strtolower(trim((string) ($exporter['name'] ?? '')));

			if ($name !== '' && self::canonical($name) === null) {
				$by_name[$name][(string) $address] = self::BY_NAME;

				if (strpos($name, '.') > 0) {
					$by_name[strstr($name, '.', true)][(string) $address] ??= self::BY_SHORT_NAME;
				}
			}
		}

		$found = [];
		$hosts = self::hosts();

		foreach (self::macros($hosts) as $hostid => $value) {
			foreach (explode(',', $value) as $address) {
				$address = self::canonical($address);

				if ($address !== null && array_key_exists($address, $by_address)) {
					$found[$by_address[$address]][self::BY_HAND][$hostid] = true;
				}
			}
		}

		foreach (self::interfaces($hosts) as $interface) {
			$address = self::canonical($interface['ip']);

			if ($address !== null && array_key_exists($address, $by_address)) {
				$found[$by_address[$address]][self::BY_ADDRESS][$interface['hostid']] = true;
			}

			$hosts[$interface['hostid']]['names'][] = $interface['dns'];
		}

		foreach ($hosts as $hostid => $host) {
			foreach (array_unique(array_map('mb_strtolower', $host['names'])) as $name) {
				foreach ($by_name[$name] ?? [] as $address => $way) {
					$found[$address][$way][$hostid] = true;
				}
			}
		}

		$links = [];

		foreach ($found as $address => $ways) {
			$order = [self::BY_HAND, self::BY_ADDRESS, self::BY_NAME, self::BY_SHORT_NAME];
			$way = key(array_intersect_key(array_flip($order), $ways));
			$by = $way === self::BY_SHORT_NAME ? self::BY_NAME : $way;
			$links[$address] = ['by' => $by] + self::choose(array_keys($ways[$way]), $hosts);
		}

		return $links;
	}

	/**
	 * One of several hosts that fit: a monitored one before one that is switched off, then the oldest.
	 */
	private static function choose(array $hostids, array $hosts): array {
		usort($hostids, static fn($a, $b) => $hosts[$a]['status'] <=> $hosts[$b]['status'] ?: bccomp((string) $a, (string) $b));

		return ['hostid' => (string) $hostids[0], 'others' => count($hostids) - 1];
	}

	private static function hosts(): array {
		$hosts = [];
		$rows = DB::select('hosts', [
			'output' => ['hostid', 'host', 'name', 'status'],
			'filter' => [
				'status' => [HOST_STATUS_MONITORED, HOST_STATUS_NOT_MONITORED],
				'flags' => [ZBX_FLAG_DISCOVERY_NORMAL, ZBX_FLAG_DISCOVERY_CREATED]
			]
		]);

		foreach ($rows as $row) {
			$hosts[$row['hostid']] = ['status' => $row['status'], 'names' => [$row['host'], $row['name']]];
		}

		foreach (DB::select('host_inventory', ['output' => ['hostid', 'name']]) as $row) {
			if (array_key_exists($row['hostid'], $hosts)) {
				$hosts[$row['hostid']]['names'][] = $row['name'];
			}
		}

		return $hosts;
	}

	private static function macros(array $hosts): array {
		$macros = DB::select('hostmacro', ['output' => ['hostid', 'value'], 'filter' => ['macro' => self::MACRO]]);

		return array_intersect_key(array_column($macros, 'value', 'hostid'), $hosts);
	}

	private static function interfaces(array $hosts): array {
		$interfaces = [];

		foreach (DB::select('interface', ['output' => ['hostid', 'useip', 'ip', 'dns']]) as $interface) {
			if (array_key_exists($interface['hostid'], $hosts)) {
				// What Zabbix leaves in an interface that is reached by its DNS name.
				$left_over = $interface['useip'] == INTERFACE_USE_DNS && preg_match('/^(127\.|::1$)/', $interface['ip']);
				$interfaces[] = ['ip' => $left_over ? '' : $interface['ip']] + $interface;
			}
		}

		return $interfaces;
	}
}
