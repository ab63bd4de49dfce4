<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API, DB;
use Modules\Weir\Lib\AnyMonitor\{Cache, LinkRules};

/**
 * The links between exporters and hosts, by LinkRules. What a super admin chose is in the module's settings, which nobody else can
 * write; the collector reads it there, and remembers which host an exporter was linked to before.
 *
 * A link is found among all hosts and only then held against the user's rights. Otherwise an exporter of a hidden host
 * could be reached through a visible host with the same address or name.
 */
class ExporterLinks {

	// What held links by hand once. Who edits a host can set it, so it links nothing any more.
	public const OLD_MACRO = '{$WEIR.EXPORTER}';

	private const TTL = 10;

	/**
	 * All links, whatever the user's rights.
	 *
	 * @return array  [address => ['hostid', 'by', 'others' => count of other hosts that fit as well]]
	 *
	 * @throws SidecarException
	 */
	public static function all(): array {
		return self::found()['links'];
	}

	/**
	 * Exporters that no host has until a super admin has chosen, for super admins alone.
	 *
	 * @return array  [address => hostids that fit]
	 *
	 * @throws SidecarException
	 */
	public static function unsettled(): array {
		return self::found()['unsettled'];
	}

	/**
	 * Exporters that were on no host before and that one host fits, which others than super admins may edit.
	 *
	 * @return array  [address => hostid]
	 *
	 * @throws SidecarException
	 */
	public static function waiting(): array {
		$single = array_filter(self::unsettled(), static fn(array $hostids): bool => count($hostids) == 1);
		$new = array_filter(Sidecar::exporters(), static fn(array $exporter): bool => self::before($exporter) === null);

		return array_map(static fn(array $hosts) => reset($hosts), array_intersect_key($single, $new));
	}

	/**
	 * The host that an exporter was linked to last, as the collector remembers it.
	 */
	public static function before(array $exporter): ?string {
		return $exporter['linked_hostid'] ?? $exporter['device']['hostid'] ?? null;
	}

	/**
	 * Keep a super admin's choices.
	 *
	 * @param array $hostids  [address => hostid, or '' to find the host again]
	 */
	public static function choose(array $hostids): bool {
		$links = array_filter($hostids + Settings::links(), 'strlen');
		ksort($links);

		return Settings::saveLinks($links);
	}

	/**
	 * @throws SidecarException
	 */
	private static function found(): array {
		$found = Cache::get('links', self::TTL);

		if ($found === null) {
			$chosen = Settings::links();
			$exporters = [];

			foreach (Sidecar::exporters() as $address => $exporter) {
				$hostid = $chosen[LinkRules::canonical((string) $address) ?? ''] ?? null;
				$before = self::before($exporter);
				$exporters[$address] = [
					'name' => $exporter['name'] ?? '',
					'link' => $hostid !== null
						? ['hostid' => $hostid, 'by_hand' => true]
						: ($before !== null ? ['hostid' => $before, 'by_hand' => false] : null)
				];
			}

			$found = LinkRules::match($exporters, self::hosts());
			Cache::set('links', $found);
		}

		return $found;
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
	 * A technical name for the host of an exporter: Zabbix takes letters, digits, spaces, ".", "_" and "-" alone, and so no ":" of
	 * an IPv6 address.
	 */
	public static function technicalName(string $name): string {
		return preg_replace('/[^0-9a-zA-Z_. \-]/', '-', $name);
	}

	/**
	 * Hosts that carry the macro which once held links.
	 *
	 * @return array  [hostid => value]
	 */
	public static function oldMacros(): array {
		return array_column(API::UserMacro()->get([
			'output' => ['hostid', 'value'],
			'filter' => ['macro' => self::OLD_MACRO]
		]), 'value', 'hostid');
	}

	private static function hosts(): array {
		$hosts = [];
		$rows = DB::select('hosts', [
			'output' => ['hostid', 'host', 'name'],
			'filter' => [
				'status' => [HOST_STATUS_MONITORED, HOST_STATUS_NOT_MONITORED],
				'flags' => [ZBX_FLAG_DISCOVERY_NORMAL, ZBX_FLAG_DISCOVERY_CREATED]
			]
		]);

		$delegated = Settings::trustsAdministrators() ? [] : self::delegated();

		foreach ($rows as $row) {
			$hosts[$row['hostid']] = ['addresses' => [], 'names' => [$row['host'], $row['name']],
				'delegated' => array_key_exists($row['hostid'], $delegated)
			];
		}

		foreach (DB::select('host_inventory', ['output' => ['hostid', 'name']]) as $row) {
			if (array_key_exists($row['hostid'], $hosts)) {
				$hosts[$row['hostid']]['names'][] = $row['name'];
			}
		}

		foreach (DB::select('interface', ['output' => ['hostid', 'useip', 'ip', 'dns']]) as $row) {
			if (array_key_exists($row['hostid'], $hosts)) {
				$hosts[$row['hostid']]['addresses'][] = LinkRules::addressOf($row['ip'], $row['useip'] == INTERFACE_USE_DNS);
				$hosts[$row['hostid']]['names'][] = $row['dns'];
			}
		}

		return $hosts;
	}

	/**
	 * Hosts that others than super admins may edit: users of the type Admin with write access to a group of the host.
	 *
	 * @return array  [hostid => hostid]
	 */
	private static function delegated(): array {
		return DBfetchArrayAssoc(DBselect(
			'SELECT DISTINCT hg.hostid'.
			' FROM hosts_groups hg,rights r,users_groups ug,users u,role ro'.
			' WHERE r.id=hg.groupid'.
				' AND r.permission='.PERM_READ_WRITE.
				' AND ug.usrgrpid=r.groupid'.
				' AND u.userid=ug.userid'.
				' AND ro.roleid=u.roleid'.
				' AND ro.type='.USER_TYPE_ZABBIX_ADMIN
		), 'hostid');
	}
}
