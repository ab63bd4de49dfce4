// Three people: Admin sees all, noc the edge alone, lena has a role without the module.
import assert from 'node:assert/strict';
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {PASSWORD, UNKNOWN_EXPORTER} from '../support/zabbix/seed.mjs';
import {User, until} from './browser.mjs';
import {exporterOf, rpc} from './collector.mjs';
import {zabbix} from './stack.mjs';

const addresses = async (token) => (await rpc(zabbix.base, token, 'exporters.list')).result.exporters.map((one) => one.address).sort();

const admin = async (world) => {
	const {token, claims} = await world.admin.token();

	assert.equal(claims.role, 'admin');
	assert.equal(claims.sub, 'Admin');
	assert.equal(claims.exporters, undefined);
	assert.equal((await addresses(token)).length, 4);

	// no cache keeps it
	const answer = await world.admin.context.request.get(`${zabbix.base}zabbix.php?action=flows.token`);

	assert.match(answer.headers()['cache-control'], /^no-store$/);
	assert.match(answer.headers()['content-type'], /^application\/json/);
};

const noc = async (world) => {
	world.noc = await User.signIn('noc', PASSWORD);
	const {page} = world.noc;
	const {token, claims} = await world.noc.token();

	assert.equal(claims.role, 'viewer');
	assert.deepEqual(claims.exporters.sort(), ['127.0.0.11', '127.0.0.13']);
	assert.deepEqual(await addresses(token), ['127.0.0.11', '127.0.0.13']);

	// looks, and changes nothing
	const ask = async (method, params) => rpc(zabbix.base, token, method, params);
	const silence = {rule: 'test load', key: '127.0.0.11, 203.0.113.99', until_ms: Date.now() + 60000};

	assert.match((await ask('alerts.silence', silence)).error.message, /viewer/);
	assert.match((await ask('alerts.acknowledge', {id: 'x'})).error.message, /viewer/);

	// the state of the whole is not shown, nor are others
	const {result: status} = await ask('status.get');

	assert.equal(status.exporters, 2);
	assert.deepEqual([status.store.bytes, status.store.sessions, status.datagrams_per_s, status.restart_reason], [null, null, null, null]);
	assert.deepEqual([status.queues, status.last_errors, status.state_files, status.not_decoded.senders], [[], [], [], []]);
	assert.doesNotMatch(JSON.stringify(status), /127\.0\.0\.(12|99)|\/etc\/|core-sw1/);

	// exporters go by the names that Zabbix shows; one of another host is as unknown as none
	const top = async (filter) => ask('flows.top', {by: ['client'], filter});

	assert.equal((await top('exporter edge-r1')).error, undefined);
	assert.deepEqual((await top('exporter core-sw1')).error?.message.replace('core-sw1', 'X'), (await top('exporter no-such')).error?.message.replace('no-such', 'X'));

	await world.noc.open('zabbix.php?action=flows.view');
	await world.noc.flowsWindow();
	await page.waitForTimeout(1500);
	await world.noc.shot('noc-flows');

	await world.noc.open(`zabbix.php?action=flows.view&hostid=${world.ids.hosts['core-sw1']}`, {refused: true});
	assert.equal(await page.locator('#flows-window').count(), 0);
	assert.match(await page.locator('body').innerText(), /Access denied|No permissions/);
	await world.noc.open('zabbix.php?action=flows.settings', {refused: true});
	assert.match(await page.locator('body').innerText(), /Access denied/);
	await world.noc.shot('noc-settings-denied');
	assert.doesNotMatch((await world.noc.get('zabbix.php?action=flows.settings.test')).text, /checks/);
};

// Users by ways to claim an exporter: who may edit a host of the edge tries to get that of core-sw1, and one that was on a host before.
const claims = async (world) => {
	const right = (permission, group) => ({[world.api.isBefore(6, 2) ? 'rights' : 'hostgroup_rights']: [{id: world.ids.groups[group], permission}]});
	const people = {};

	for (const [username, roleid, permission, group] of [['sitead', '2', 3, 'Edge'], ['coreop', '1', 2, 'Core']]) {
		const usrgrpid = await world.api.ensure('usergroup', 'usrgrpid', {name: username}, {name: username, ...right(permission, group)});

		await world.api.ensure('user', 'userid', {username}, {username, passwd: PASSWORD, roleid, usrgrps: [{usrgrpid}]});
		people[username] = await User.signIn(username, PASSWORD);
	}
	const seen = async () => Object.fromEntries(await Promise.all(Object.entries(people).map(async ([name, user]) => [name, (await user.token()).claims.exporters.sort().join()])));
	const before = await seen();
	const own = await world.api.call('host.get', {output: ['hostid', 'host'], filter: {host: 'branch-gw'}, selectInterfaces: ['interfaceid', 'ip']}).then(([host]) => host);
	const core = await world.api.call('host.get', {output: ['hostid', 'host'], filter: {host: 'core-sw1'}, selectInterfaces: ['interfaceid', 'ip']}).then(([host]) => host);
	// as the site's administrator, through the API
	const site = await ZabbixApi.login(zabbix.base, 'sitead', PASSWORD);
	const address = (host, ip) => world.api.call('hostinterface.update', {interfaceid: host.interfaces[0].interfaceid, ip});
	const ways = {
		'the old macro': [
			() => site.call('usermacro.create', {hostid: own.hostid, macro: '{$WEIR.EXPORTER}', value: '127.0.0.12,127.0.0.99'}),
			({hostmacroids}) => site.call('usermacro.delete', hostmacroids)
		],
		'an interface at its address': [
			() => site.call('hostinterface.update', {interfaceid: own.interfaces[0].interfaceid, ip: '127.0.0.12'}),
			() => address(own, own.interfaces[0].ip)
		],
		'its address while the rightful host is switched off': [
			async () => {
				await world.api.call('host.update', {hostid: core.hostid, status: 1});
				await site.call('hostinterface.update', {interfaceid: own.interfaces[0].interfaceid, ip: '127.0.0.12'});
			},
			async () => {
				await address(own, own.interfaces[0].ip);
				await world.api.call('host.update', {hostid: core.hostid, status: 0});
			}
		],
		'a new host with its address and its name': [
			() => site.call('host.create', {host: 'core-sw1.edge', name: '127.0.0.12', groups: [{groupid: world.ids.groups.Edge}],
				interfaces: [{type: 1, main: 1, useip: 1, ip: '127.0.0.12', dns: 'core-sw1', port: '10050'}]}),
			({hostids}) => site.call('host.delete', hostids)
		],
		'a new host with the address of an exporter that is on none': [
			() => site.call('host.create', {host: 'mine', groups: [{groupid: world.ids.groups.Edge}],
				interfaces: [{type: 1, main: 1, useip: 1, ip: UNKNOWN_EXPORTER, dns: '', port: '10050'}]}),
			({hostids}) => site.call('host.delete', hostids)
		],
		'the name in its inventory': [
			() => site.call('host.update', {hostid: own.hostid, inventory_mode: 0, inventory: {name: 'core-sw1'}}),
			() => site.call('host.update', {hostid: own.hostid, inventory_mode: -1})
		]
	};

	// as the collector has them, which sends values and alerts there
	const linked = async () => {
		const {token} = await world.admin.token();

		return (await rpc(zabbix.base, token, 'exporters.list')).result.exporters.map((one) => [one.address, one.device?.name ?? null]).sort();
	};
	const links = await linked();

	for (const [way, [claim, undo]] of Object.entries(ways)) {
		const made = await claim();

		// what the frontend has cached lives for ten seconds, the collector asks every second here
		await new Promise((resolve) => setTimeout(resolve, 11500));
		assert.deepEqual(await seen(), before, way);
		assert.deepEqual(await linked(), links, `${way}, by the collector`);
		await undo(made);
	}

	// one that was on a host before is nobody's when that host has another address, until a super admin chooses
	await address(core, '10.77.0.1');
	await site.call('hostinterface.update', {interfaceid: own.interfaces[0].interfaceid, ip: '127.0.0.12'});
	await until('nobody but super admins has it', async () => Object.values(await seen()).every((list) => !list.includes('127.0.0.12')), 15000);
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.match(await world.admin.page.locator('tbody tr', {hasText: '127.0.0.12'}).first().innerText(), /your choice is needed\s+branch-gw\s+Choose host/);
	await world.admin.open('zabbix.php?action=flows.exporter&exporter=127.0.0.12');
	await world.admin.shot('conflict');
	await address(own, own.interfaces[0].ip);
	await address(core, '127.0.0.12');
	await until('all is as it was', async () => JSON.stringify(await seen()) === JSON.stringify(before), 20000);
	await Promise.all(Object.values(people).map((user) => user.close()));
};

// A host that an administrator may edit gets an exporter that was on none by a super admin's choice, or where super admins allow it.
const newExporters = async (world) => {
	const {page} = world.admin;
	const site = await ZabbixApi.login(zabbix.base, 'sitead', PASSWORD);
	const user = await User.signIn('sitead', PASSWORD);
	const sees = async () => (await user.token()).claims.exporters.includes(UNKNOWN_EXPORTER);
	const owner = async () => {
		const {token} = await world.admin.token();

		return (await exporterOf(zabbix.base, token, UNKNOWN_EXPORTER)).device?.name ?? null;
	};
	const open = () => world.admin.open('zabbix.php?action=flows.settings');
	const trusts = async (checked) => {
		await open();
		await page.locator('#trust_administrators').setChecked(checked, {force: true});
		await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);
		assert.equal(await page.locator('#trust_administrators').isChecked(), checked);
	};
	const {hostids} = await site.call('host.create', {host: 'new-switch', groups: [{groupid: world.ids.groups.Edge}],
		interfaces: [{type: 1, main: 1, useip: 1, ip: UNKNOWN_EXPORTER, dns: '', port: '10050'}]});

	await until('the page asks for a choice', async () => {
		await open();

		return /your choice is needed\s+new-switch/.test(await page.locator('tbody tr', {hasText: UNKNOWN_EXPORTER}).first().innerText());
	}, 20000);
	await world.admin.shot('new-exporter');
	assert.equal(await sees(), false);
	await Promise.all([page.waitForNavigation(), page.click('button[name=accept_all]')]);
	assert.match(await page.locator('tbody tr', {hasText: UNKNOWN_EXPORTER}).first().innerText(), /new-switch\s+hand/);
	await until('its administrator sees it', sees, 15000);
	await until('the collector links it', async () => await owner() === 'new-switch', 15000);
	await site.call('host.delete', hostids);
	await until('the host is gone', async () => await owner() === null, 15000);

	// allowed by super admins: by itself
	await trusts(true);
	const again = await site.call('host.create', {host: 'newer-switch', groups: [{groupid: world.ids.groups.Edge}],
		interfaces: [{type: 1, main: 1, useip: 1, ip: UNKNOWN_EXPORTER, dns: '', port: '10050'}]});

	// the choice of before is of a host that is gone
	await world.admin.open(`zabbix.php?action=flows.exporter&exporter=${UNKNOWN_EXPORTER}`);
	await Promise.all([page.waitForNavigation(), page.click('button[name=unlink]')]);
	await until('it is linked by itself', async () => await owner() === 'newer-switch' && await sees(), 20000);
	await site.call('host.delete', again.hostids);
	await trusts(false);
	await user.close();
};

const groupChange = async (world) => {
	const hostid = world.ids.hosts['core-sw1'];

	await world.api.call('host.update', {hostid, groups: [{groupid: world.ids.groups.Edge}]});
	await until('noc may see core-sw1', async () => (await world.noc.token()).claims.exporters.includes('127.0.0.12'), 60000);
	await world.api.call('host.update', {hostid, groups: [{groupid: world.ids.groups.Core}]});
	await until('noc may not see it any more', async () => !(await world.noc.token()).claims.exporters.includes('127.0.0.12'), 60000);
};

const signOut = async (world) => {
	const {page} = world.noc;

	await world.noc.open('zabbix.php?action=map.view');
	await Promise.all([page.waitForNavigation(), page.locator('a', {hasText: 'Sign out'}).evaluate((link) => link.click())]);
	assert.doesNotMatch((await world.noc.get('zabbix.php?action=flows.token')).text, /"token"/);
	await world.noc.close();
};

const lena = async (world) => {
	const modules = await world.api.call('module.get', {output: ['moduleid', 'id']});
	const roleid = await world.api.ensure('role', 'roleid', {name: 'Without flows'}, {
		name: 'Without flows', type: '1',
		rules: {modules: modules.filter((one) => one.id.startsWith('weir')).map(({moduleid}) => ({moduleid, status: '0'}))}
	});
	const [{userid}] = await world.api.call('user.get', {output: ['userid'], filter: {username: 'lena'}});

	await world.api.call('user.update', {userid, roleid});
	const user = await User.signIn('lena', PASSWORD);

	await user.open(`zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`);
	await user.page.waitForSelector('svg image[data-menu-popup]');
	await user.page.waitForTimeout(1000);
	assert.equal(await user.page.locator('a[href*="flows"], .flows-badge, g[data-menu-popup*="flows_link"]').count(), 0);
	await user.page.locator('svg image[data-menu-popup]').first().click();
	assert.deepEqual(await user.flowEntries(), {});
	await user.shot('lena-map');

	for (const action of ['view', 'token', 'status', 'badges&sysmapid=1', 'chart']) {
		assert.doesNotMatch((await user.get(`zabbix.php?action=flows.${action}`)).text, /flows-window|"token"|"ok"|"badges"|flows-chart/, action);
	}

	// with the module, but without Monitoring > Hosts, which it goes by
	const withoutHosts = await world.api.ensure('role', 'roleid', {name: 'Without hosts'}, {
		name: 'Without hosts', type: '1', rules: {ui: [{name: 'monitoring.hosts', status: '0'}]}
	});

	await world.api.call('user.update', {userid, roleid: withoutHosts});
	await user.open(`zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`);
	await user.page.waitForSelector('svg image[data-menu-popup]');
	await user.page.locator('svg image[data-menu-popup]').first().click();
	assert.deepEqual(await user.flowEntries(), {});
	await user.closeMenu();
	const [answer] = await Promise.all([
		user.page.waitForResponse((one) => one.url().includes('action=menu.popup')),
		user.page.locator('g[data-menu-popup*="flows_link"] line[stroke="transparent"]').first().click({force: true})
	]);

	assert.deepEqual((await answer.json()).data, {type: 'map_element_image'});
	await user.close();
};

const stranger = async () => {
	for (const action of ['view', 'token', 'status']) {
		const text = await (await fetch(`${zabbix.base}zabbix.php?action=flows.${action}`)).text();

		assert.doesNotMatch(text, /flows-window|"token"|"ok"/, action);
	}
	assert.equal((await rpc(zabbix.base, 'x.y.z', 'exporters.list')).error.code, -32001);
};

export const scenarios = [
	['rights: a super admin reaches all exporters', admin],
	['rights: a user reaches the exporters of the hosts that the user may read', noc],
	['rights: no way to claim an exporter takes it from its host', claims],
	['rights: a new exporter goes to a host that administrators edit by choice, or where that is allowed', newExporters],
	['rights: a change of host groups acts', groupChange],
	['rights: after signing out there is no token', signOut],
	['rights: a role without the module sees nothing of it', lena],
	['rights: without a session or token there is nothing', stranger]
];
