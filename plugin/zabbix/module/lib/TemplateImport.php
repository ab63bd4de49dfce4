<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;

/**
 * The templates that the collector sends values for, and the host that stands for the collector itself.
 */
class TemplateImport {

	public const TEMPLATE_COLLECTOR = 'Weir collector';
	public const TEMPLATE_EXPORTER = 'Weir exporter';
	public const HOST = 'Weir';
	public const GROUP = 'Weir';

	private const CREATE_UPDATE = ['createMissing' => true, 'updateExisting' => true];

	/**
	 * @return array  'imported', 'collector' and 'exporter' (names of the templates).
	 */
	public static function state(): array {
		return [
			'imported' => count(self::templates()) == 2,
			'collector' => self::TEMPLATE_COLLECTOR,
			'exporter' => self::TEMPLATE_EXPORTER
		];
	}

	/**
	 * Import the templates, make the collector's host and link the exporters' hosts. Safe to repeat. Errors are messages of
	 * the API, shown by the page.
	 *
	 * @return int|null  How many hosts were linked newly, or null if something failed.
	 *
	 * @throws SidecarException
	 */
	public static function run(): ?int {
		// The export format of 6.0 knows no template groups; that of 6.2 and later no groups of both kinds.
		$old = version_compare(ZABBIX_VERSION, '6.2', '<');
		$rules = [
			'templates' => self::CREATE_UPDATE,
			'items' => self::CREATE_UPDATE,
			'triggers' => self::CREATE_UPDATE,
			'discoveryRules' => self::CREATE_UPDATE,
			'valueMaps' => self::CREATE_UPDATE,
			'graphs' => self::CREATE_UPDATE
		] + ($old ? ['groups' => ['createMissing' => true]] : ['template_groups' => ['createMissing' => true]]);

		$ok = API::Configuration()->import([
			'format' => 'yaml',
			'source' => file_get_contents(dirname(__DIR__).'/template/weir-'.($old ? '6.0' : '7.0').'.yaml'),
			'rules' => $rules
		]);

		if (!$ok) {
			return null;
		}

		$templates = self::templates();

		if (!self::makeHost($templates[self::TEMPLATE_COLLECTOR])) {
			return null;
		}

		return self::linkHosts($templates[self::TEMPLATE_EXPORTER]);
	}

	private static function templates(): array {
		return array_column(API::Template()->get([
			'output' => ['templateid', 'host'],
			'filter' => ['host' => [self::TEMPLATE_COLLECTOR, self::TEMPLATE_EXPORTER]]
		]), 'templateid', 'host');
	}

	private static function makeHost(string $templateid): bool {
		if (API::Host()->get(['output' => [], 'filter' => ['host' => self::HOST]])) {
			return true;
		}

		$groupid = self::groupId();

		return $groupid !== null && API::Host()->create([
			'host' => self::HOST,
			'name' => _('Weir flow collector'),
			'groups' => [['groupid' => $groupid]],
			'templates' => [['templateid' => $templateid]]
		]);
	}

	/**
	 * The host group of what the module creates.
	 */
	public static function groupId(): ?string {
		$groups = API::HostGroup()->get(['output' => ['groupid'], 'filter' => ['name' => self::GROUP]]);

		if ($groups) {
			return $groups[0]['groupid'];
		}

		$created = API::HostGroup()->create(['name' => self::GROUP]);

		return $created ? $created['groupids'][0] : null;
	}

	private static function linkHosts(string $templateid): ?int {
		$hostids = array_unique(array_column(ExporterLinks::readable(), 'hostid'));
		$linked = API::Host()->get(['output' => [], 'templateids' => $templateid, 'preservekeys' => true]);
		$missing = array_diff($hostids, array_keys($linked));

		if (!$missing) {
			return 0;
		}

		return API::Host()->massAdd([
			'hosts' => array_map(static fn($hostid): array => ['hostid' => $hostid], array_values($missing)),
			'templates' => [['templateid' => $templateid]]
		]) ? count($missing) : null;
	}
}
