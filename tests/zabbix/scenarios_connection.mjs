// What can be wrong between collector and Zabbix, as "Test" on the settings page, the collector's doctor and, where it says so, the
// page itself tell it: each with the way to correct it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {until} from './browser.mjs';
import {rpc, startCollector, stopCollector} from './collector.mjs';
import {runsTests} from './live.mjs';
import {installWith, stack, state, zabbix} from './stack.mjs';

const doctor = async (world) => (await rpc(zabbix.base, (await world.admin.token()).token, 'console.run', {command: 'doctor'})).result.text;

const tests = async (world) => {
	await world.admin.open('zabbix.php?action=flows.settings');

	return runsTests(world.admin.page);
};

// Both say it, and then both do not.
const isTold = async (world, page, console) => {
	await until(`Test says ${page}`, async () => page.test((await tests(world)).bad.join('\n')), 60000);
	await until(`the doctor says ${console}`, async () => console.test(await doctor(world)), 30000);
};
const isOver = async (world, page, console) => {
	await until(`Test does not say ${page}`, async () => !page.test((await tests(world)).bad.join('\n')), 60000);
	await until(`the doctor does not say ${console}`, async () => !console.test(await doctor(world)), 30000);
};

const tokenDead = async (world) => {
	const {page} = world.admin;
	const [{tokenid}] = await world.api.call('token.get', {output: ['tokenid'], filter: {name: 'Weir collector'}});
	const told = [/cannot read from Zabbix since .*Not authorized.*install\/zabbix .*--login/, /nothing can be read from Zabbix since .*Not authorized[^]*install\/zabbix --login/];

	assert.match((await tests(world)).all.join('\n'), /The API token is valid, since .*: the collector reads \d+ hosts/);
	await world.api.call('token.update', {tokenid, status: 1});
	await isTold(world, ...told);
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.match(await page.locator('body').innerText(), /cannot read from Zabbix since/);
	await world.admin.shot('settings-token-dead');

	// names are there all the same, also after a restart
	await stopCollector();
	await startCollector();
	const {exporters} = (await rpc(zabbix.base, (await world.admin.token()).token, 'exporters.list')).result;

	assert.equal(exporters.find((one) => one.address === '127.0.0.11').device.name, 'edge-r1');

	// the installer makes one that works
	const said = await installWith('zabbix\n', '--collector', `${state}/weir.toml`, '--server', `127.0.0.1:${zabbix.trapper}`, '--login', 'Admin');

	assert.match(said, /made an API token/);
	await isOver(world, ...told);
};

const serverAway = async (world) => {
	const told = [/takes no values since .*; \d+ wait and go when it answers/, /takes no values since .*, [\d,.k ]+ wait/];

	await stack('server-down');
	await isTold(world, ...told);
	await stack('server-up');
	await isOver(world, ...told);
};

const restartNeeded = async (world) => {
	const told = [/Restart the collector: .*secret changed since the collector was started.*systemctl restart weir/, /secret changed since[^]*restart the collector: systemctl restart weir/];
	const file = `${state}/etc/weir/secret`;

	fs.utimesSync(file, new Date(), new Date());
	await isTold(world, ...told);
	await stopCollector();
	await startCollector();
	await isOver(world, ...told);
};

const templatesOld = async (world) => {
	const {page} = world.admin;
	const told = [/The templates are imported, and those of another version: Import again/, /the templates in Zabbix are those of another version[^]*Import again/];
	const [{templateid, description}] = await world.api.call('template.get', {output: ['templateid', 'description'], filter: {host: 'Weir exporter'}});

	await world.api.call('template.update', {templateid, description: description.replace(/Revision [0-9a-f]+/, 'Revision 000000000000')});
	await isTold(world, ...told);
	await world.admin.open('zabbix.php?action=flows.settings');
	await Promise.all([page.waitForNavigation(), page.getByRole('button', {name: 'Import again', exact: true}).click()]);
	await isOver(world, ...told);
};

// Somebody took the template from a host: it is not put back by itself, and it is told.
const templateTaken = async (world) => {
	const {page} = world.admin;
	const told = [/host that exports has no template "Weir exporter": core-sw1/, /1 host of exporters has no template/];
	const [{templateid}] = await world.api.call('template.get', {output: ['templateid'], filter: {host: 'Weir exporter'}});

	await world.api.call('host.massremove', {hostids: [world.ids.hosts['core-sw1']], templateids_clear: [templateid]});
	await isTold(world, ...told);
	await world.admin.open('zabbix.php?action=flows.settings');
	await Promise.all([page.waitForNavigation(), page.getByRole('button', {name: 'Import again', exact: true}).click()]);
	await isOver(world, ...told);
};

// A role of an earlier version, or one made by hand.
const roleSmall = async (world) => {
	const told = [/or who may edit hosts.*usergroup\.get/, /who may edit hosts, cannot be read[^]*usergroup\.get/];
	const [{roleid, rules}] = await world.api.call('role.get', {output: ['roleid'], selectRules: 'extend', filter: {name: 'Weir collector'}});
	const may = (api) => world.api.call('role.update', {roleid, rules: {api}});

	await may(rules.api.filter((name) => name !== 'usergroup.get'));
	await isTold(world, ...told);
	assert.match(await installWith('zabbix\n', '--collector', `${state}/weir.toml`, '--server', `127.0.0.1:${zabbix.trapper}`, '--login', 'Admin'), /gave the role "Weir collector"/);
	await isOver(world, ...told);
};

export const scenarios = [
	['connection: a dead API token is told, names stay, and --login makes one that works', tokenDead],
	['connection: a server that takes no values is told', serverAway],
	['connection: a collector that has to be restarted says so', restartNeeded],
	['connection: templates of another version are told', templatesOld],
	['connection: a host without the template is told', templateTaken],
	['connection: a role that lacks a method is told', roleSmall]
];
