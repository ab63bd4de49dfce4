<?php declare(strict_types = 1);
// The collector's side of install/zabbix: an API token for it in Zabbix, and the settings in its weir.toml that name both. It says
// what it did. Arguments: weir.toml, address of the frontend, host:port of the server, file of the secret, file of the token, and a
// super admin's name or "" to make no token; the password comes by standard input.

function fail(string $what): never {
	fwrite(STDERR, "install/zabbix: $what\n");
	exit(1);
}

function say(string $what): void {
	echo "  $what\n";
}

/** The JSON-RPC API of a Zabbix, 6.0 or later. */
class ZabbixApi {
	private ?string $auth = null;
	private bool $takes_bearer;

	public function __construct(private string $url) {
		$this->url = rtrim($url, '/').'/api_jsonrpc.php';
		$this->takes_bearer = version_compare($this->call('apiinfo.version', []), '6.4', '>=');
	}

	public function login(string $user, string $password): void {
		$this->auth = null;
		$this->auth = $this->call('user.login', ['username' => $user, 'password' => $password]);
	}

	/** Ends what login() began, so that no session of a super admin is left. */
	public function logout(): void {
		$this->call('user.logout', []);
		$this->auth = null;
	}

	/** Whether a token works, for what the collector asks. */
	public function takes(string $token): bool {
		$this->auth = $token;
		try {
			$this->call('host.get', ['output' => [], 'limit' => 1]);
			return true;
		}
		catch (RuntimeException) {
			return false;
		}
		finally {
			$this->auth = null;
		}
	}

	public function call(string $method, array $params): mixed {
		$body = ['jsonrpc' => '2.0', 'method' => $method, 'params' => $params, 'id' => 1];
		$headers = "Content-Type: application/json-rpc\r\n";

		if ($this->auth !== null && $this->takes_bearer) {
			$headers .= "Authorization: Bearer $this->auth\r\n";
		}
		elseif ($this->auth !== null) {
			$body['auth'] = $this->auth;
		}

		$answer = @file_get_contents($this->url, false, stream_context_create(['http' => [
			'method' => 'POST', 'header' => $headers, 'content' => json_encode($body), 'timeout' => 30, 'ignore_errors' => true
		]]));
		$answer = $answer === false ? null : json_decode($answer, true);

		if (!is_array($answer)) {
			throw new RuntimeException("$this->url does not answer as a Zabbix: name the frontend's address with --url");
		}
		if (isset($answer['error'])) {
			throw new RuntimeException("$method: {$answer['error']['message']} {$answer['error']['data']}");
		}

		return $answer['result'];
	}

	/** Id of the object with this name, made when it is missing. */
	public function ensure(string $object, string $id, array $filter, array $params): string {
		$found = $this->call("$object.get", ['output' => [$id], 'filter' => $filter]);

		if ($found) {
			return $found[0][$id];
		}
		$made = $this->call("$object.create", $filter + $params)["{$id}s"][0];
		say("made the $object \"".reset($filter).'" in Zabbix');

		return $made;
	}
}

/** A token of a user who may read all and change nothing, and cannot sign in to the frontend. */
function make_token(ZabbixApi $api): string {
	$roleid = $api->ensure('role', 'roleid', ['name' => 'Weir collector'], ['type' => 3, 'rules' => [
		'ui' => [['name' => 'monitoring.hosts', 'status' => 1]], 'ui.default_access' => 0, 'modules.default_access' => 0, 'actions.default_access' => 0,
		'api.access' => 1, 'api.mode' => 1, 'api' => ['history.get', 'host.get', 'item.get', 'problem.get']
	]]);
	$usrgrpid = $api->ensure('usergroup', 'usrgrpid', ['name' => 'Weir collector'], ['gui_access' => 3]);
	$userid = $api->ensure('user', 'userid', ['username' => 'weir'], [
		'passwd' => base64_encode(random_bytes(24)).'-Aa1', 'roleid' => $roleid, 'usrgrps' => [['usrgrpid' => $usrgrpid]]
	]);
	$tokenid = $api->ensure('token', 'tokenid', ['name' => 'Weir collector', 'userid' => $userid], []);

	return $api->call('token.generate', [$tokenid])[0]['token'];
}

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

// weir.toml may hold secrets, and the token is one
umask(0077);

[, $file, $url, $server, $secret_file, $token_file, $login] = $argv;
$lines = file($file, FILE_IGNORE_NEW_LINES);
if ($lines === false) {
	fail("$file cannot be read");
}

try {
	$token = is_readable($token_file) ? trim((string) file_get_contents($token_file)) : '';
	$works = false;
	$reaches = true;

	if ($login !== '') {
		$api = new ZabbixApi($url);
		$works = $token !== '' && $api->takes($token);

		if (!$works) {
			$api->login($login, rtrim((string) fgets(STDIN), "\r\n"));
			if (file_put_contents("$token_file.new", make_token($api)."\n") === false || !rename("$token_file.new", $token_file)) {
				fail("$token_file cannot be written");
			}
			say("made an API token, in $token_file");
			$api->logout();
		}
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
	say("wrote $file: restart the collector");
}
