<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;
use Modules\Weir\Module;
use Modules\Weir\Lib\AnyMonitor\Cache;

/**
 * Settings of the module. What a super admin saved (database) wins over what the installer wrote (installed.json
 * beside Module.php), which wins over the defaults. The path of the secret is never taken from the database: who may edit
 * a page of Zabbix should not choose which files the web server reads.
 */
class Settings {

	public const TOKEN_TTL_MIN = 30;
	public const TOKEN_TTL_MAX = 300;

	private const DEFAULTS = [
		'sidecar_url' => 'http://127.0.0.1:8710',
		'secret_file' => '/etc/weir/secret',
		'token_ttl' => 60
	];

	private static ?array $values = null;

	private static ?string $installed_url = null;

	/**
	 * @return array  'sidecar_url' (no slash at its end), 'secret_file', 'token_ttl' in seconds.
	 */
	public static function get(): array {
		if (self::$values !== null) {
			return self::$values;
		}

		$file = dirname(__DIR__).'/installed.json';
		$installed = is_readable($file) ? json_decode(file_get_contents($file), true) : null;
		$module = Module::instance();
		$saved = array_intersect_key($module !== null ? $module->getConfig() : [], ['sidecar_url' => 1, 'token_ttl' => 1]);

		self::$values = $saved + array_intersect_key((array) $installed, self::DEFAULTS) + self::DEFAULTS;
		self::$installed_url = isset($installed['sidecar_url']) ? rtrim((string) $installed['sidecar_url'], '/') : null;
		self::$values['sidecar_url'] = rtrim(self::$values['sidecar_url'], '/');
		self::$values['token_ttl'] = max(self::TOKEN_TTL_MIN, min(self::TOKEN_TTL_MAX, (int) self::$values['token_ttl']));

		return self::$values;
	}

	/**
	 * The address that the installer gave to the web server as well, or null where there was none.
	 */
	public static function installedUrl(): ?string {
		self::get();

		return self::$installed_url;
	}

	/**
	 * Hosts that super admins chose for exporters: [address => hostid].
	 */
	public static function links(): array {
		$module = Module::instance();
		$links = $module !== null ? $module->getConfig()['links'] ?? [] : [];

		return is_array($links) ? array_map('strval', $links) : [];
	}

	/**
	 * Whether a new exporter goes by itself to a host that others than super admins may edit; the collector reads it too.
	 */
	public static function trustsAdministrators(): bool {
		$module = Module::instance();

		return $module !== null && (bool) ($module->getConfig()['trust_administrators'] ?? false);
	}

	public static function saveLinks(array $links): bool {
		return self::write(['links' => $links]);
	}

	public static function save(string $sidecar_url, int $token_ttl, bool $trust_administrators): bool {
		return self::write(['sidecar_url' => $sidecar_url, 'token_ttl' => $token_ttl,
			'trust_administrators' => (int) $trust_administrators
		]);
	}

	/**
	 * Save to the database. The API checks that the user is a super admin.
	 */
	private static function write(array $config): bool {
		$modules = API::Module()->get(['output' => ['moduleid', 'config'], 'filter' => ['id' => Module::ID]]);

		if (!$modules) {
			return false;
		}

		self::$values = null;
		Cache::clear();

		return (bool) API::Module()->update([[
			'moduleid' => $modules[0]['moduleid'],
			'config' => $config + $modules[0]['config']
		]]);
	}

	/**
	 * What is wrong with a lifetime of tokens, in words, or null.
	 */
	public static function checkTtl(string $ttl): ?string {
		return preg_match('/^\d{1,4}$/', $ttl) && (int) $ttl >= self::TOKEN_TTL_MIN && (int) $ttl <= self::TOKEN_TTL_MAX
			? null
			: _s('A token lives for %1$s to %2$s seconds, not "%3$s".', self::TOKEN_TTL_MIN, self::TOKEN_TTL_MAX, $ttl);
	}

	/**
	 * What is wrong with an address of the collector, in words, or null.
	 */
	public static function checkUrl(string $url): ?string {
		$parts = parse_url($url);

		if (!is_array($parts) || !isset($parts['host']) || !in_array($parts['scheme'] ?? '', ['http', 'https'])) {
			return _s('"%1$s" is not an address of the collector: expected http://HOST:PORT or https://HOST:PORT.', $url);
		}

		if (isset($parts['user']) || isset($parts['query']) || isset($parts['fragment'])) {
			return _('The address of the collector takes no user name, query or fragment.');
		}

		return null;
	}
}
