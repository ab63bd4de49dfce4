<?php declare(strict_types = 1);
// The collector's side of install/zabbix: an API token for it in Zabbix, and the settings in its weir.toml that name both. It says
// what it did. Arguments: weir.toml, address of the frontend, host:port of the server, file of the secret, file of the token, and a
// super admin's name or "" to make no token; the password comes by standard input.

require __DIR__.'/zabbix_api.php';

function toml_text(string $value): string {
	return '"'.addcslashes($value, "\\\"").'"';
}

/** Where a setting is, or would be: [line of the section, line of the setting or of the comment that shows its default, what is set]. */
function place_of(array $lines, string $section, string $key): array {
	$start = null;
	$default = null;

	foreach ($lines as $number => $line) {
		if (preg_match('/^\s*\[([^\]]+)\]/', $line, $m)) {
			if ($start !== null) {
				break;
			}
			$start = trim($m[1]) === $section ? $number : null;
		}
		elseif ($start !== null && preg_match('/^\s*'.$key.'\s*=\s*("[^"]*"|\'[^\']*\'|[^#]*)/', $line, $m)) {
			$value = trim($m[1]);

			return [$start, $number, $value === '""' || $value === "''" ? null : $value];
		}
		elseif ($start !== null && $default === null && preg_match('/^#'.$key.'\s*=/', $line)) {
			$default = $number;
		}
	}

	return [$start, $default, null];
}

/** Sets what the file does not set: in the place of the line that shows the default, else at the top of the section. */
function set_setting(array &$lines, string $section, string $key, string $value): bool {
	[$start, $default, $set] = place_of($lines, $section, $key);

	if ($set !== null) {
		if ($set !== toml_text($value)) {
			say("kept [$section] $key = $set");
		}

		return false;
	}

	$line = "$key = ".toml_text($value);
	if ($start === null) {
		array_push($lines, '', "[$section]", $line);
	}
	elseif ($default !== null) {
		$lines[$default] = $line;
	}
	else {
		array_splice($lines, $start + 1, 0, [$line]);
	}
	say("set [$section] $line");

	return true;
}

/** Whole or not at all, with the owner and mode of the file before. */
function write_settings(string $file, array $lines): void {
	$new = "$file.weir-new";

	if (file_put_contents($new, implode("\n", $lines)."\n") === false || !chmod($new, fileperms($file) & 0777)
			|| !chown($new, fileowner($file)) || !chgrp($new, filegroup($file)) || !rename($new, $file)) {
		fail("$file cannot be written");
	}
}

// told to the caller by this exit code
const RESTART_NEEDED = 10;

// weir.toml may hold secrets, and the token is one
umask(0077);

[, $file, $url, $server, $secret_file, $token_file, $login, $module_dir, $has_widget, $sidecar] = $argv;
$lines = file($file, FILE_IGNORE_NEW_LINES);
if ($lines === false) {
	fail("$file cannot be read");
}

try {
	$token = is_readable($token_file) ? trim((string) file_get_contents($token_file)) : '';
	$works = false;
	$reaches = true;

	if ($login !== '') {
		$trial = new ZabbixApi($url);
		$works = $token !== '' && $trial->takes($token);
		$api = new ZabbixApi($url);
		$api->login($login, rtrim((string) fgets(STDIN), "\r\n"));
		require "$module_dir/lib/TemplateImport.php";
		require "$module_dir/lib/ConsoleScripts.php";
		enable_modules($api, $has_widget ? ['weir', 'weir_widget'] : ['weir']);
		import_templates($api);
		$roleid = make_role($api);
		make_scripts($api, trim((string) file_get_contents($secret_file)), $sidecar);

		if (!$works) {
			if (file_put_contents("$token_file.new", make_token($api, $trial, $roleid)."\n") === false || !rename("$token_file.new", $token_file)) {
				fail("$token_file cannot be written");
			}
			say("made an API token, in $token_file");
		}
		$api->logout();
	}
	elseif ($token !== '' && place_of($lines, 'zabbix', 'url')[2] === null) {
		// an address that was guessed and leads nowhere is not written down
		try {
			$works = (new ZabbixApi($url))->takes($token);
			$works || say("left [zabbix] url as it is: $url refuses the token in $token_file; run this again with --login");
		}
		catch (RuntimeException $e) {
			say('left [zabbix] url as it is: '.$e->getMessage());
		}
		$reaches = $works;
	}
	$owner = posix_getpwnam('weir')['uid'] ?? fileowner($file);
	if (is_file($token_file)) {
		chown($token_file, $owner);
		chmod($token_file, 0400);
	}
}
catch (RuntimeException $e) {
	fail($e->getMessage());
}

$changed = set_setting($lines, 'api', 'secret_file', $secret_file);
// without a token nothing can be read
if (is_file($token_file) && $reaches) {
	$changed = set_setting($lines, 'zabbix', 'url', $url) || $changed;
	$changed = set_setting($lines, 'zabbix', 'token_file', $token_file) || $changed;
}
$changed = set_setting($lines, 'zabbix', 'server', $server) || $changed;
$changed = set_setting($lines, 'alert', 'zabbix_server', $server) || $changed;

if ($changed) {
	write_settings($file, $lines);
	say("wrote $file");
	exit(RESTART_NEEDED);
}
