<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;

/**
 * Commands of the collector's console as scripts of Zabbix: in the menu of every host, for Zabbix administrators. The server
 * asks the collector with a token of a minute that it signs with a key of its own: the key may look through the console and
 * nothing else, and lies in a secret macro.
 */
class ConsoleScripts {

	public const KEY_MACRO = '{$WEIR.CONSOLE.KEY}';
	public const URL_MACRO = '{$WEIR.CONSOLE.URL}';
	public const MENU = 'Flows by Weir';

	private const ADMINISTRATORS = 'Zabbix administrators';

	// What the collector makes of its secret, see "weir token --console-key".
	private const PURPOSE = 'weir console';

	// Name of the script => line for the console.
	private const COMMANDS = [
		'ext' => 'ext',
		'flows' => 'flows',
		'doctor' => 'doctor {HOST.IP}',
		'exporter' => 'exporter {HOST.IP}'
	];

	/**
	 * Make the scripts, or bring them up to date. Safe to repeat. Errors are messages of the API, shown by the page.
	 *
	 * @throws SidecarException
	 */
	public static function make(): bool {
		return self::setMacro(self::KEY_MACRO, hash_hmac('sha256', self::PURPOSE, Secret::read()), ZBX_MACRO_TYPE_SECRET)
			&& self::setMacro(self::URL_MACRO, Settings::get()['sidecar_url'], ZBX_MACRO_TYPE_TEXT)
			&& self::setScripts();
	}

	private static function setMacro(string $macro, string $value, int $type): bool {
		$known = API::UserMacro()->get(['output' => ['globalmacroid'], 'globalmacro' => true,
			'filter' => ['macro' => $macro]
		]);
		$description = _('Made by the module "Flows by Weir" for its scripts.');

		return (bool) ($known
			? API::UserMacro()->updateGlobal(['globalmacroid' => $known[0]['globalmacroid']] + compact('value', 'type'))
			: API::UserMacro()->createGlobal(compact('macro', 'value', 'type', 'description'))
		);
	}

	private static function setScripts(): bool {
		$known = array_column(API::Script()->get(['output' => ['scriptid', 'name'], 'filter' => ['menu_path' => self::MENU]]),
			'scriptid', 'name'
		);
		$groups = API::UserGroup()->get(['output' => ['usrgrpid'], 'filter' => ['name' => self::ADMINISTRATORS]]);

		if (!$groups) {
			error(_s('There is no user group "%1$s" to give the scripts to.', self::ADMINISTRATORS));

			return false;
		}

		$command = file_get_contents(dirname(__DIR__).'/template/console_script.js');

		foreach (self::COMMANDS as $name => $line) {
			$script = [
				'type' => ZBX_SCRIPT_TYPE_WEBHOOK,
				'scope' => ZBX_SCRIPT_SCOPE_HOST,
				'command' => $command,
				'timeout' => '20s',
				'parameters' => [
					['name' => 'command', 'value' => $line],
					['name' => 'key', 'value' => self::KEY_MACRO],
					['name' => 'url', 'value' => self::URL_MACRO],
					['name' => 'user', 'value' => '{USER.USERNAME}']
				],
				'usrgrpid' => $groups[0]['usrgrpid'],
				'host_access' => PERM_READ,
				'menu_path' => self::MENU,
				'description' => _s('What the flow collector answers to "%1$s".', $line)
			];
			$done = isset($known[$name])
				? API::Script()->update(['scriptid' => $known[$name]] + $script)
				: API::Script()->create(['name' => $name] + $script);

			if (!$done) {
				return false;
			}
		}

		return true;
	}
}
