<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

/**
 * Which interface an item is about, by its key and OID, as every stock template writes them: by SNMP with the ifIndex
 * (net.if.in[ifHCInOctets.3], or net.if.in[3] with the OID of the column), by an agent with the name (net.if.in["eth0"]). The
 * collector reads traffic items in the same way (sidecar/monitor/zabbix/interface_items.cpp). Nothing of Zabbix is used here.
 */
class InterfaceItem {

	// Columns of ifTable and ifXTable: IF-MIB, RFC 2863 6.
	private const COLUMN_OID = '/^\.?1\.3\.6\.1\.2\.1\.(?:2\.2\.1|31\.1\.1\.1)\.\d+\.([1-9]\d{0,9})$/';
	private const COLUMN_NAME = '/^if[A-Z][A-Za-z]+\.([1-9]\d{0,9})$/';

	/**
	 * The ifIndex in the key or the OID; null if there is none.
	 */
	public static function index(string $key, string $oid = ''): ?int {
		if (preg_match('/^weir\.if\.[a-z.]+\[([1-9]\d{0,9})\]$/', $key, $m)) {
			return (int) $m[1];
		}

		if (!preg_match('/^net\.if\.[a-z.]+\[(.*)\]$/', $key, $m)) {
			return null;
		}

		$oid = preg_replace('/^get\[(.*)\]$/', '$1', $oid);
		$oid = preg_replace('/^IF-MIB::/', '', $oid);

		foreach ([$m[1], $oid] as $text) {
			if (preg_match(self::COLUMN_NAME, $text, $column)) {
				return (int) $column[1];
			}
		}

		return preg_match(self::COLUMN_OID, $oid, $column) ? (int) $column[1] : null;
	}

	/**
	 * The interface's name in the key of an agent's item; null if there is none.
	 */
	public static function name(string $key): ?string {
		if (!preg_match('/^net\.if\.[a-z.]+\[(.*)\]$/', $key, $m)) {
			return null;
		}

		$parameters = array_map(static fn($one): string => trim((string) $one), str_getcsv($m[1], ',', '"', '\\'));

		if (count($parameters) > 1 && $parameters[0] === 'node_exporter') {
			array_shift($parameters);
		}

		return $parameters[0] !== '' && !preg_match('/^if[A-Z][A-Za-z]+\./', $parameters[0])
			? str_replace('\\"', '"', $parameters[0])
			: null;
	}

	/**
	 * "" where Zabbix has left a macro of low-level discovery in a text ("{#IFALIAS}"), because the discovery did not fill it.
	 */
	public static function withoutMacros(string $text): string {
		return strpos($text, '{#') === false ? $text : '';
	}
}
