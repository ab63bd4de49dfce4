<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir;

use APP, CController, CMenuItem, CRoleHelper, CWebUser;

// Zabbix 6.0 and 6.2: Core\CModule; 6.4 and later: Zabbix\Core\CModule.
class_alias(class_exists('Zabbix\Core\CModule') ? 'Zabbix\Core\CModule' : 'Core\CModule', __NAMESPACE__.'\ModuleBase');

class Module extends ModuleBase {

	public const ID = 'weir';

	// The pages that draw maps. Zabbix 6.0 knows no "assets" in a manifest, so there the scripts are printed into the pages.
	private const MAP_PAGES = ['map.view', 'dashboard.view'];

	/**
	 * Add the entries to the main menu. Runs on every page, so nothing here asks the collector or the database.
	 */
	public function init(): void {
		if (CWebUser::isGuest()) {
			return;
		}

		$menu = APP::Component()->get('menu.main');

		if (CWebUser::checkAccess(CRoleHelper::UI_MONITORING_HOSTS)) {
			$menu
				->findOrAdd(_('Monitoring'))
				->getSubMenu()
				->insertAfter(_('Maps'), (new CMenuItem(_('Flows')))->setAction('flows.view'));
		}

		if (CWebUser::getType() == USER_TYPE_SUPER_ADMIN) {
			$general = $menu
				->findOrAdd(_('Administration'))
				->getSubMenu()
				->find(_('General'));

			if ($general !== null && $general->hasSubMenu()) {
				$general->getSubMenu()->insertAfter(_('Modules'),
					(new CMenuItem(_('Flows')))
						->setAction('flows.settings')
						->setAliases(['flows.exporter'])
				);
			}
		}
	}

	public function onBeforeAction(CController $action): void {
		if (method_exists($this, 'getAssets')) {
			return;
		}

		zbx_add_post_js(file_get_contents(__DIR__.'/assets/js/menu.js'));

		if (in_array($action->getAction(), self::MAP_PAGES)) {
			// Inline, because it has to run before the core's own call, later in the same block, draws the map.
			zbx_add_post_js(file_get_contents(__DIR__.'/assets/js/map.js'));
		}
	}

	/**
	 * The module as the frontend has loaded it.
	 */
	public static function instance(): ?ModuleBase {
		return APP::ModuleManager()->getModules()[self::ID] ?? null;
	}

	/**
	 * Address of a file of this module, relative to the frontend, changing with each version of the module.
	 */
	public static function asset(string $file): string {
		$module = self::instance();
		$path = method_exists($module, 'getRelativePath')
			? $module->getRelativePath()
			: 'modules/'.basename($module->getDir());

		return $path.'/assets/'.$file.'?v='.filemtime(__DIR__.'/assets/'.$file);
	}
}
