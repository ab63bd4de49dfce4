<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use CUrl;

/**
 * Addresses of Monitoring > Flows, and entries of popup menus that lead there.
 */
class FlowsUrl {

	public static function to(array $arguments): string {
		$url = (new CUrl('zabbix.php'))->setArgument('action', 'flows.view');

		foreach ($arguments as $name => $value) {
			$url->setArgument($name, (string) $value);
		}

		return $url->getUrl();
	}

	/**
	 * An entry for the "urls" of the core's menus. Since 6.4 their script drops an entry without menu_path.
	 */
	public static function entry(string $label, array $arguments): array {
		return ['label' => $label, 'url' => self::to($arguments), 'menu_path' => '', 'target' => ''];
	}

	/**
	 * Entries below a common one. Since 6.4 the script makes submenus out of menu_path; before, an entry may have items.
	 */
	public static function submenu(string $label, array $entries): array {
		if (!class_exists('CHtmlPage')) {
			return [['label' => $label, 'items' => $entries]];
		}

		foreach ($entries as &$entry) {
			$entry['menu_path'] = str_replace('/', '\\/', $label);
		}
		unset($entry);

		return $entries;
	}
}
