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

	public const ADMINISTRATORS = 'Zabbix administrators';

	// Of the API (ZBX_SCRIPT_TYPE_WEBHOOK and so on), by number: the installer has none of the frontend's constants.
	private const SCRIPT_WEBHOOK = 5;
	private const SCRIPT_OF_HOST = 2;
	private const ACCESS_READ = 2;
	private const MACRO_TEXT = 0;
	private const MACRO_SECRET = 1;

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
	 * The global macros that the scripts go by: [macro => ['value', 'type', 'description']].
	 */
	public static function macros(string $secret, string $url): array {
		$description = 'Made by the module "Flows by Weir" for its scripts.';

		return [
			self::KEY_MACRO => ['value' => hash_hmac('sha256', self::PURPOSE, $secret), 'type' => self::MACRO_SECRET,
				'description' => $description
			],
			self::URL_MACRO => ['value' => $url, 'type' => self::MACRO_TEXT, 'description' => $description]
		];
	}

	/**
	 * The scripts as the API takes them: [name => script].
	 */
	public static function scripts(string $usrgrpid): array {
		$command = file_get_contents(dirname(__DIR__).'/template/console_script.js');
		$scripts = [];

		foreach (self::COMMANDS as $name => $line) {
			$scripts[$name] = [
				'type' => self::SCRIPT_WEBHOOK,
				'scope' => self::SCRIPT_OF_HOST,
				'command' => $command,
				'timeout' => '20s',
				'parameters' => [
					['name' => 'command', 'value' => $line],
					['name' => 'key', 'value' => self::KEY_MACRO],
					['name' => 'url', 'value' => self::URL_MACRO],
					['name' => 'user', 'value' => '{USER.USERNAME}']
				],
				'usrgrpid' => $usrgrpid,
				'host_access' => self::ACCESS_READ,
				'menu_path' => self::MENU,
				'description' => 'What the flow collector answers to "'.$line.'".'
			];
		}

		return $scripts;
	}

	/**
	 * How many of the scripts are there.
	 */
	public static function made(): int {
		return count(array_intersect(array_column(API::Script()->get(['output' => ['name'], 'filter' => ['menu_path' => self::MENU]]),
			'name'
		), array_keys(self::COMMANDS)));
	}

	/**
	 * Make the scripts, or bring them up to date. Safe to repeat. Errors are messages of the API, shown by the page.
	 *
	 * @throws SidecarException
	 */
	public static function make(): bool {
		foreach (self::macros(Secret::read(), Settings::get()['sidecar_url']) as $macro => $fields) {
			if (!self::setMacro($macro, $fields)) {
				return false;
			}
		}

		return self::setScripts();
	}

	private static function setMacro(string $macro, array $fields): bool {
		$known = API::UserMacro()->get(['output' => ['globalmacroid'], 'globalmacro' => true,
			'filter' => ['macro' => $macro]
		]);

		return (bool) ($known
			? API::UserMacro()->updateGlobal(['globalmacroid' => $known[0]['globalmacroid']]
				+ array_diff_key($fields, ['description' => 1])
			)
			: API::UserMacro()->createGlobal(['macro' => $macro] + $fields)
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

		foreach (self::scripts($groups[0]['usrgrpid']) as $name => $script) {
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
