<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib\AnyMonitor;

/**
 * Answers of the collector, kept for seconds in files that only the web server's user can read, and for the request in memory:
 * what a request has read once it does not read again. Without such a place (no posix extension, no writable temporary folder)
 * everything works, and each request asks for itself.
 */
class Cache {

	// [key => value], as this request has read or made it.
	private static array $values = [];

	/**
	 * The kept value, or null when there is none or it is older than $ttl seconds.
	 */
	public static function get(string $key, int $ttl): ?array {
		if (array_key_exists($key, self::$values)) {
			return self::$values[$key];
		}

		$file = self::file($key);

		if ($file === null || !is_file($file) || time() - filemtime($file) >= $ttl) {
			return null;
		}

		$value = json_decode((string) @file_get_contents($file), true);

		if (!is_array($value)) {
			return null;
		}

		return self::$values[$key] = $value;
	}

	public static function set(string $key, array $value): void {
		self::$values[$key] = $value;
		$file = self::file($key);

		if ($file === null) {
			return;
		}

		// Written aside and renamed, so that no reader meets half a file.
		$part = $file.'.'.getmypid();

		if (@file_put_contents($part, json_encode($value)) === false || !@rename($part, $file)) {
			@unlink($part);
		}
	}

	public static function clear(): void {
		self::$values = [];
		$dir = self::dir();

		foreach ($dir !== null ? glob($dir.'/*') : [] as $file) {
			@unlink($file);
		}
		clearstatcache();
	}

	private static function file(string $key): ?string {
		$dir = self::dir();

		return $dir !== null ? $dir.'/'.hash('sha256', $key) : null;
	}

	/**
	 * A folder per user and frontend. The temporary folder is everybody's: one that is not ours is not used.
	 */
	private static function dir(): ?string {
		if (!function_exists('posix_geteuid')) {
			return null;
		}

		$uid = posix_geteuid();
		$dir = sys_get_temp_dir().'/weir-zabbix-'.$uid.'-'.substr(hash('sha256', dirname(__DIR__)), 0, 12);

		if (!is_dir($dir)) {
			@mkdir($dir, 0700);
			clearstatcache(true, $dir);
		}

		return is_dir($dir) && !is_link($dir) && fileowner($dir) === $uid && (fileperms($dir) & 0077) == 0 ? $dir : null;
	}
}
