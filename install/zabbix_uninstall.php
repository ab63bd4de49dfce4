<?php declare(strict_types = 1);
// install/zabbix --uninstall --login: takes out of Zabbix what was made in it. Arguments: address of the frontend, a super admin's name,
// the module's folder; the password comes by standard input.

require __DIR__.'/zabbix_api.php';

[, $url, $login, $module_dir] = $argv;
require "$module_dir/lib/TemplateImport.php";
require "$module_dir/lib/ConsoleScripts.php";

try {
	$api = new ZabbixApi($url);
	$api->login($login, rtrim((string) fgets(STDIN), "\r\n"));
	remove_from_zabbix($api);
	$api->logout();
}
catch (RuntimeException $e) {
	fail($e->getMessage());
}
