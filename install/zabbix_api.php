<?php declare(strict_types = 1);
// What install/zabbix does in Zabbix itself, by its API: sourced by zabbix_collector.php and zabbix_uninstall.php.

use Modules\Weir\Lib\{ConsoleScripts, TemplateImport};

function fail(string $what): never {
	fwrite(STDERR, "install/zabbix: $what\n");
	exit(1);
}

function say(string $what): void {
	echo "  $what\n";
}

/** The JSON-RPC API of a Zabbix, 6.0 or later. */
class ZabbixApi {
	public readonly string $version;
	private ?string $auth = null;
	private bool $takes_bearer;

	public function __construct(private string $url) {
		$this->url = rtrim($url, '/').'/api_jsonrpc.php';
		$this->version = $this->call('apiinfo.version', []);
		$this->takes_bearer = !$this->isBefore('6.4');
	}

	public function isBefore(string $version): bool {
		return version_compare($this->version, $version, '<');
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

/**
 * The role of the collector's user: it may read, and link templates to hosts, so that a device that begins to export has its items
 * without a click.
 */
function make_role(ZabbixApi $api): string {
	$rules = [
		'ui' => [['name' => 'monitoring.hosts', 'status' => 1]], 'ui.default_access' => 0, 'modules.default_access' => 0, 'actions.default_access' => 0,
		'api.access' => 1, 'api.mode' => 1, 'api' => ['history.get', 'host.get', 'host.massadd', 'item.get', 'module.get', 'problem.get', 'role.get', 'template.get', 'usergroup.get']
	];
	$known = $api->call('role.get', ['output' => ['roleid'], 'selectRules' => ['api'], 'filter' => ['name' => 'Weir collector']]);
	if (!$known) {
		return $api->ensure('role', 'roleid', ['name' => 'Weir collector'], ['type' => 3, 'rules' => $rules]);
	}
	// One of an older version: what it may is added, what somebody took from it since is not.
	$may = $known[0]['rules']['api'] ?? [];
	if (!in_array('usergroup.get', $may)) {
		if (in_array('module.get', $may)) {
			$rules['api'] = array_values(array_unique(array_merge($may, ['role.get', 'usergroup.get'])));
		}
		$api->call('role.update', ['roleid' => $known[0]['roleid'], 'rules' => $rules]);
		say('gave the role "Weir collector" what this version asks for');
	}

	return $known[0]['roleid'];
}

/** A token that works, of a user who cannot sign in to the frontend. */
function make_token(ZabbixApi $api, ZabbixApi $trial, string $roleid): string {
	$usrgrpid = $api->ensure('usergroup', 'usrgrpid', ['name' => 'Weir collector'], ['gui_access' => 3]);
	$api->call('usergroup.update', ['usrgrpid' => $usrgrpid, 'users_status' => 0]);
	$userid = $api->ensure('user', 'userid', ['username' => 'weir'], [
		'passwd' => base64_encode(random_bytes(24)).'-Aa1', 'roleid' => $roleid, 'usrgrps' => [['usrgrpid' => $usrgrpid]]
	]);
	$api->call('user.update', ['userid' => $userid, 'roleid' => $roleid, 'usrgrps' => [['usrgrpid' => $usrgrpid]]]);
	$tokenid = $api->ensure('token', 'tokenid', ['name' => 'Weir collector', 'userid' => $userid], []);
	// One that was switched off, or has ended, gets new letters by token.generate and stays as dead as it was.
	$api->call('token.update', ['tokenid' => $tokenid, 'status' => 0, 'expires_at' => 0]);
	$token = $api->call('token.generate', [$tokenid])[0]['token'];

	if (!$trial->takes($token)) {
		fail('Zabbix made an API token for the user "weir" and does not take it: see Users > API tokens, the user and its role there');
	}

	return $token;
}

/** The module enabled, as "Scan directory" and "Enabled" do it. */
function enable_modules(ZabbixApi $api, array $names): void {
	$known = array_column($api->call('module.get', ['output' => ['moduleid', 'id', 'status']]), null, 'id');

	foreach ($names as $name) {
		if (!isset($known[$name])) {
			$api->call('module.create', ['id' => $name, 'relative_path' => ($api->isBefore('6.4') ? '' : 'modules/').$name, 'status' => 1, 'config' => (object) []]);
			say("enabled the module \"$name\" in Zabbix");
		}
		elseif ($known[$name]['status'] != 1) {
			$api->call('module.update', ['moduleid' => $known[$name]['moduleid'], 'status' => 1]);
			say("enabled the module \"$name\" in Zabbix");
		}
	}
}

/** Templates and the collector's host, as the button "Import" of the settings page makes them. */
function import_templates(ZabbixApi $api): void {
	$old = TemplateImport::isOld($api->version);
	$names = [TemplateImport::TEMPLATE_COLLECTOR, TemplateImport::TEMPLATE_EXPORTER];
	$templates = fn (): array => array_column($api->call('template.get', ['output' => ['templateid', 'host', 'description'], 'filter' => ['host' => $names]]), null, 'host');
	$revision = TemplateImport::revision(TemplateImport::source($old));
	$current = array_filter($templates(), fn (array $one): bool => TemplateImport::revision($one['description']) === $revision);

	if (count($current) < count($names)) {
		$api->call('configuration.import', TemplateImport::importParameters($old));
		$prototypes = $api->call('triggerprototype.get', ['output' => ['triggerid'], 'templateids' => $templates()[TemplateImport::TEMPLATE_EXPORTER]['templateid'],
			'filter' => ['description' => TemplateImport::OLD_PROTOTYPE]
		]);
		if ($prototypes) {
			$api->call('triggerprototype.delete', array_column($prototypes, 'triggerid'));
		}
		say('imported the templates "'.implode('" and "', $names).'" into Zabbix');
	}

	$groupid = $api->ensure('hostgroup', 'groupid', ['name' => TemplateImport::GROUP], []);
	$api->ensure('host', 'hostid', ['host' => TemplateImport::HOST], ['name' => 'Weir flow collector', 'groups' => [['groupid' => $groupid]],
		'templates' => [['templateid' => $templates()[TemplateImport::TEMPLATE_COLLECTOR]['templateid']]]
	]);
}

/** The scripts in the menu of hosts, as the button "Make scripts" makes them. */
function make_scripts(ZabbixApi $api, string $secret, string $url): void {
	foreach (ConsoleScripts::macros($secret, $url) as $macro => $fields) {
		$known = $api->call('usermacro.get', ['output' => ['globalmacroid'], 'globalmacro' => true, 'filter' => ['macro' => $macro]]);
		$known
			? $api->call('usermacro.updateglobal', ['globalmacroid' => $known[0]['globalmacroid']] + $fields)
			: $api->call('usermacro.createglobal', ['macro' => $macro] + $fields);
	}
	$known = array_column($api->call('script.get', ['output' => ['scriptid', 'name'], 'filter' => ['menu_path' => ConsoleScripts::MENU]]), 'scriptid', 'name');
	$groups = $api->call('usergroup.get', ['output' => ['usrgrpid'], 'filter' => ['name' => ConsoleScripts::ADMINISTRATORS]]);

	if (!$groups) {
		say('made no scripts: there is no user group "'.ConsoleScripts::ADMINISTRATORS.'" to give them to');

		return;
	}
	foreach (ConsoleScripts::scripts($groups[0]['usrgrpid']) as $name => $script) {
		isset($known[$name])
			? $api->call('script.update', ['scriptid' => $known[$name]] + $script)
			: $api->call('script.create', ['name' => $name] + $script);
	}
	if (!$known) {
		say('made the scripts below "'.ConsoleScripts::MENU.'" in the menu of hosts');
	}
}

/** All that the above and the module have made. Hosts that the module made for exporters stay: they are devices. */
function remove_from_zabbix(ZabbixApi $api): void {
	$remove = static function (string $object, string $id, array $filter, string $what) use ($api): void {
		$found = $api->call("$object.get", ['output' => [$id]] + $filter);
		if ($found) {
			$api->call("$object.delete", array_column($found, $id));
			say("removed $what from Zabbix");
		}
	};
	$remove('module', 'moduleid', ['filter' => ['id' => ['weir', 'weir_widget']]], 'the module');
	$remove('script', 'scriptid', ['filter' => ['menu_path' => ConsoleScripts::MENU]], 'the scripts');
	$macros = $api->call('usermacro.get', ['output' => ['globalmacroid'], 'globalmacro' => true,
		'filter' => ['macro' => [ConsoleScripts::KEY_MACRO, ConsoleScripts::URL_MACRO]]
	]);
	if ($macros) {
		$api->call('usermacro.deleteglobal', array_column($macros, 'globalmacroid'));
		say('removed the global macros of the scripts from Zabbix');
	}
	$remove('host', 'hostid', ['filter' => ['host' => TemplateImport::HOST]], 'the host "'.TemplateImport::HOST.'"');
	// with their items on every host
	$remove('template', 'templateid', ['filter' => ['host' => [TemplateImport::TEMPLATE_COLLECTOR, TemplateImport::TEMPLATE_EXPORTER]]], 'the templates, and their items on all hosts,');
	$remove($api->isBefore('6.2') ? 'hostgroup' : 'templategroup', 'groupid', ['filter' => ['name' => 'Templates/Weir']], 'the group of the templates');
	$groups = $api->call('hostgroup.get', ['output' => ['groupid'], 'filter' => ['name' => TemplateImport::GROUP], 'selectHosts' => ['hostid']]);
	if ($groups && !$groups[0]['hosts']) {
		$api->call('hostgroup.delete', [$groups[0]['groupid']]);
		say('removed the host group "'.TemplateImport::GROUP.'" from Zabbix');
	}
	elseif ($groups) {
		say('left the host group "'.TemplateImport::GROUP.'" and its '.count($groups[0]['hosts']).' hosts: they are devices');
	}
	$remove('user', 'userid', ['filter' => ['username' => 'weir']], 'the user "weir" and its token');
	$remove('usergroup', 'usrgrpid', ['filter' => ['name' => 'Weir collector']], 'its user group');
	$remove('role', 'roleid', ['filter' => ['name' => 'Weir collector']], 'its role');
}
