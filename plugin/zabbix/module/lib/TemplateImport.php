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
	private const EXPORTER_ITEM = 'weir.exporter.lastseen';

	private const CREATE_UPDATE = ['createMissing' => true, 'updateExisting' => true];

	// A trigger prototype of older templates: a problem for each interface.
	public const OLD_PROTOTYPE = 'Interface {#IFNAME}({#IFALIAS}): Flows and SNMP disagree';

	/**
	 * @return array  'imported', 'current' (both are those of this version), 'collector' and 'exporter' (names of the templates).
	 */
	public static function state(): array {
		$templates = self::templates();
		$revision = self::revision(self::source(self::isOld(ZABBIX_VERSION)));
		$current = array_filter($templates,
			static fn(array $template): bool => self::revision($template['description']) === $revision
		);

		return [
			'imported' => count($templates) == 2,
			'current' => count($current) == 2,
			'collector' => self::TEMPLATE_COLLECTOR,
			'exporter' => self::TEMPLATE_EXPORTER
		];
	}

	/**
	 * Whether a Zabbix is of those before 6.2: their export format knows no template groups; that of later ones no groups of both
	 * kinds.
	 */
	public static function isOld(string $version): bool {
		return version_compare($version, '6.2', '<');
	}

	public static function source(bool $old): string {
		return file_get_contents(dirname(__DIR__).'/template/weir-'.($old ? '6.0' : '7.0').'.yaml');
	}

	/**
	 * What a template's description, or the file, says of its revision.
	 */
	public static function revision(string $text): string {
		return preg_match('/Revision ([0-9a-f]{12})\b/', $text, $m) ? $m[1] : '';
	}

	/**
	 * Parameters of configuration.import.
	 */
	public static function importParameters(bool $old): array {
		return [
			'format' => 'yaml',
			'source' => self::source($old),
			'rules' => [
				'templates' => self::CREATE_UPDATE,
				'items' => self::CREATE_UPDATE,
				'triggers' => self::CREATE_UPDATE,
				'discoveryRules' => self::CREATE_UPDATE,
				'valueMaps' => self::CREATE_UPDATE,
				'graphs' => self::CREATE_UPDATE
			] + ($old ? ['groups' => ['createMissing' => true]] : ['template_groups' => ['createMissing' => true]])
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
		if (!API::Configuration()->import(self::importParameters(self::isOld(ZABBIX_VERSION)))) {
			return null;
		}

		$templates = self::templates();
		$old = API::TriggerPrototype()->get(['output' => ['triggerid'],
			'templateids' => $templates[self::TEMPLATE_EXPORTER]['templateid'],
			'filter' => ['description' => self::OLD_PROTOTYPE]
		]);

		if ($old && !API::TriggerPrototype()->delete(array_column($old, 'triggerid'))) {
			return null;
		}

		if (!self::makeHost($templates[self::TEMPLATE_COLLECTOR]['templateid'])) {
			return null;
		}

		return self::linkHosts($templates[self::TEMPLATE_EXPORTER]['templateid']);
	}

	/**
	 * Id of the template for exporters, if it is imported.
	 */
	public static function exporterTemplate(): ?string {
		return self::templates()[self::TEMPLATE_EXPORTER]['templateid'] ?? null;
	}

	/**
	 * Names of hosts that export and take no values, because they have no template of ours, by hostid.
	 *
	 * @throws SidecarException
	 */
	public static function hostsWithout(): array {
		$names = array_column(ExporterLinks::readable(), 'name', 'hostid');
		// By the template, or by one that holds it.
		$have = $names
			? API::Item()->get(['output' => ['hostid'], 'hostids' => array_keys($names), 'filter' => ['key_' => self::EXPORTER_ITEM]])
			: [];

		return array_diff_key($names, array_column($have, 'hostid', 'hostid'));
	}

	private static function templates(): array {
		return array_column(API::Template()->get([
			'output' => ['templateid', 'host', 'description'],
			'filter' => ['host' => [self::TEMPLATE_COLLECTOR, self::TEMPLATE_EXPORTER]]
		]), null, 'host');
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
		$missing = array_map('strval', array_keys(self::hostsWithout()));

		if (!$missing) {
			return 0;
		}

		return API::Host()->massAdd([
			'hosts' => array_map(static fn(string $hostid): array => ['hostid' => $hostid], $missing),
			'templates' => [['templateid' => $templateid]]
		]) ? count($missing) : null;
	}
}
