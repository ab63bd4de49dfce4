// Alerts into Zabbix: the templates, alerts as the protocol has them and as rules of the collector fire them, and the way from an
// alert back to its flows.
import assert from 'node:assert/strict';
import {send} from '../support/zabbix/api.mjs';
import {until} from './browser.mjs';
import {rpc, startCollector, stopCollector} from './collector.mjs';
import {stack, zabbix} from './stack.mjs';

const FILTER = 'exporter 127.0.0.11 and host 203.0.113.80';

// Open problems out of alerts, whose names match.
const problems = async (world, pattern = /./) => (await world.api.call('problem.get', {
	output: ['eventid', 'name', 'clock'], selectTags: ['tag', 'value'], tags: [{tag: 'weir_alert', operator: 4}]
})).filter((one) => pattern.test(one.name));
const names = async (world, pattern) => (await problems(world, pattern)).map((one) => one.name).sort();
const idOf = (problem) => problem.tags.find((one) => one.tag === 'weir_alert').value;

// Everything that an alert ever opened: [[id, resolved]…].
const opened = async (world, pattern) => (await world.api.call('event.get', {
	output: ['eventid', 'name', 'r_eventid'], selectTags: ['tag', 'value'], value: 1, tags: [{tag: 'weir_alert', operator: 4}]
})).filter((one) => pattern.test(one.name)).map((one) => [idOf(one), one.r_eventid !== '0']);

const fired = async (world, rule) => {
	const {token} = await world.admin.token();

	return (await rpc(zabbix.base, token, 'alerts.list', {firing_only: true, limit: 2000})).result.alerts.filter((one) => one.rule === rule);
};

const record = (to, toPort) => ({from: '10.4.7.31', to, fromPort: 50000, toPort, octets: 250000, inIf: 1, outIf: 3, seconds: 1});

const imports = async (world) => {
	const {page} = world.admin;

	// the installer has imported them
	for (const button of ['Import again', 'Import again']) {
		await world.admin.open('zabbix.php?action=flows.settings');
		await Promise.all([page.waitForNavigation(), page.getByRole('button', {name: button, exact: true}).click()]);
		assert.match(await page.locator('.msg-good, output').first().innerText(), /Templates imported/);
	}
	await world.admin.checkPage();

	const hosts = await world.api.call('host.get', {output: ['host'], selectParentTemplates: ['host'], search: {host: ['edge-r1', 'core-sw1', 'branch-gw', 'Weir']}, searchByAny: true});

	assert.deepEqual(Object.fromEntries(hosts.map(({host, parentTemplates}) => [host, parentTemplates[0].host])), {
		'edge-r1': 'Weir exporter', 'core-sw1': 'Weir exporter', 'branch-gw': 'Weir exporter', Weir: 'Weir collector'
	});
};

const alerts = async (world) => {
	const {page} = world.admin;

	await until('the server takes values', async () => /failed: 0/.test((await send(zabbix.trapper, [['edge-r1', 'weir.exporter.records', 10]])).info));
	await send(zabbix.trapper, [
		['edge-r1', 'weir.alert', `load-1|1|high|${FILTER}|203.0.113.80 gets 961 Mbit/s`],
		['edge-r1', 'weir.alert', 'scan-2|1|warning||10.4.7.30 scans ports'],
		['edge-r1', 'weir.alert', 'scan-2|1|warning||10.4.7.30 scans ports']
	]);
	await until('both alerts are problems', async () => (await names(world, /961 Mbit|10.4.7.30 scans/)).join() === '10.4.7.30 scans ports,203.0.113.80 gets 961 Mbit/s', 5000);

	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await world.admin.shot('alerts');
	await page.locator('[data-menu-popup*="trigger"]', {hasText: '961 Mbit/s'}).first().click();
	await page.locator('.menu-popup a', {hasText: 'Flows at this time'}).waitFor();
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Flows at this time'}).click()]);
	assert.equal((await world.admin.flowsWindow()).get('filter'), FILTER);

	// an alert that is about no device is on the collector's own host, which has no exporter and no address
	await until('the server knows the host Weir', async () => /failed: 0/.test((await send(zabbix.trapper, [['Weir', 'weir.records', 10]])).info));
	await send(zabbix.trapper, [['Weir', 'weir.alert', 'all-3|1|average|host 203.0.113.81|203.0.113.81 is everywhere']]);
	await until('it is a problem', async () => (await names(world, /is everywhere/)).length === 1, 5000);
	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await page.locator('[data-menu-popup*="trigger"]', {hasText: 'is everywhere'}).first().click();
	await page.locator('.menu-popup a', {hasText: 'Flows at this time'}).waitFor();
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Flows at this time'}).click()]);
	assert.equal((await world.admin.flowsWindow()).get('filter'), 'host 203.0.113.81');
	assert.equal(await page.locator('.flows-note').count(), 0);
	const [{eventid}] = await problems(world, /is everywhere/);

	// what is looked for besides holds for all of an alert's own filter
	await world.admin.open(`zabbix.php?action=flows.view&eventid=${eventid}&filter=port%20443`);
	assert.equal((await world.admin.flowsWindow()).get('filter'), '(host 203.0.113.81) and (port 443)');
	await send(zabbix.trapper, [['Weir', 'weir.alert', 'all-3|0|||']]);

	await send(zabbix.trapper, [['edge-r1', 'weir.alert', 'load-1|0|||']]);
	await until('one closes, the other stays', async () => (await names(world, /961 Mbit|10.4.7.30 scans/)).join() === '10.4.7.30 scans ports', 5000);
	await send(zabbix.trapper, [['edge-r1', 'weir.alert', 'scan-2|0|||']]);
	await until('both are closed', async () => (await names(world, /961 Mbit|10.4.7.30 scans/)).length === 0, 5000);
};

const manyAlerts = async (world) => {
	const ids = Array.from({length: 500}, (_, number) => `many-${number}`);

	await send(zabbix.trapper, ids.map((id) => ['edge-r1', 'weir.alert', `${id}|1|average||${id}`]));
	await until('500 problems', async () => (await names(world, /^many-/)).length === 500, 20000);
	await send(zabbix.trapper, ids.map((id) => ['edge-r1', 'weir.alert', `${id}|0|||`]));
	await until('none sticks', async () => (await names(world, /^many-/)).length === 0, 30000);
};

// From the datagram: a rule fires, and is a problem of the device within five seconds; it ends, and so does the problem.
const ruleFires = async (world) => {
	world.exporters.extra['127.0.0.11'] = [record('203.0.113.99', 7777)];
	const [alert] = await until('the rule fires', async () => {
		const all = await fired(world, 'test load');

		return all.length > 0 && all;
	}, 15000);
	const started = Date.now();
	const problem = await until('it is a problem', async () => (await problems(world)).find((one) => idOf(one) === alert.id), 5000);

	console.log(`       fired and seen in the API, then a problem after ${Date.now() - started} ms; stamped ${problem.clock * 1000 - alert.fired_ms} ms after the window`);
	assert.match(problem.name, /^203\.0\.113\.99 gets .*bit\/s$/);
	assert.ok(problem.clock * 1000 - alert.fired_ms < 5000, 'the stamp of the problem is late');
	const [event] = await world.api.call('event.get', {eventids: problem.eventid, selectHosts: ['host'], output: ['severity']});

	assert.deepEqual([event.hosts[0].host, event.severity], ['edge-r1', '4']);
	delete world.exporters.extra['127.0.0.11'];
	await until('it ends', async () => !(await fired(world, 'test load')).some((one) => one.id === alert.id), 15000);
	await until('its problem closes', async () => !(await problems(world)).some((one) => idOf(one) === alert.id), 5000);
};

// 500 servers within one window. They fire once each, and none is left.
const manyFire = async (world) => {
	const records = Array.from({length: 500}, (_, number) => record(`203.1.${Math.floor(number / 250)}.${number % 250}`, 7778));
	const started = Date.now();

	world.exporters.extra['127.0.0.12'] = records;
	await until('500 alerts fire', async () => (await fired(world, 'test many')).length === 500, 20000);
	const seen = Date.now();

	await until('500 problems', async () => (await names(world, /is one of many/)).length === 500, 20000);
	console.log(`       500 alerts fired after ${seen - started} ms, 500 problems ${Date.now() - seen} ms later`);
	delete world.exporters.extra['127.0.0.12'];
	await until('none sticks', async () => (await names(world, /is one of many/)).length === 0, 40000);
	const all = await opened(world, /is one of many/);

	assert.equal(all.length, 500);
	assert.equal(new Set(all.map(([id]) => id)).size, 500);
};

// Zabbix is away; alerts fire, one ends; the collector is killed and comes back, then Zabbix does.
const deliversOnce = async (world) => {
	const ours = /^203\.0\.113\.1(01|02|03) gets/;

	await stack('server-down');
	world.exporters.extra['127.0.0.11'] = [record('203.0.113.101', 7777), record('203.0.113.102', 7777), record('203.0.113.103', 7777)];
	const alerts = await until('three alerts fire', async () => {
		const all = await fired(world, 'test load');

		return all.length === 3 && all;
	}, 20000);

	world.exporters.extra['127.0.0.11'] = [record('203.0.113.101', 7777), record('203.0.113.102', 7777)];
	await until('one ends', async () => (await fired(world, 'test load')).length === 2, 20000);
	await stopCollector('SIGKILL');
	await startCollector();
	await stack('server-up');
	// a busy machine may let them fire once more, as alerts of their own: what was missed meanwhile is told all the same
	const told = async () => (await opened(world, ours)).filter(([id]) => alerts.some((one) => one.id === id)).sort();

	await until('each of the three has been a problem', async () => (await told()).length === 3, 30000);
	const ids = alerts.map((one) => one.id).sort();

	assert.deepEqual((await told()).map(([id]) => id), ids);
	// with the time at which it fired, not that of the delivery
	const all = await world.api.call('event.get', {output: ['clock'], selectTags: ['tag', 'value'], value: 1, tags: [{tag: 'weir_alert', operator: 4}]});

	for (const {id, fired_ms} of alerts) {
		const {clock} = all.find((one) => idOf(one) === id);

		assert.ok(Math.abs(clock * 1000 - fired_ms) <= 3000, `${id} fired at ${fired_ms}, and Zabbix has ${clock}`);
	}
	delete world.exporters.extra['127.0.0.11'];
	await until('all are closed', async () => (await names(world, ours)).length === 0, 30000);
	assert.deepEqual(await told(), ids.map((id) => [id, true]));
};

export const scenarios = [
	['the templates are imported by one click, and again', imports],
	['alerts open and close as problems, each alone, with a way to their flows', alerts],
	['500 alerts at once neither stick nor double', manyAlerts],
	['a rule fires and is a problem within five seconds, and closes', ruleFires],
	['500 alerts of a rule at once are 500 problems, and none is left', manyFire],
	['Zabbix away and the collector killed: each alert is delivered once', deliversOnce]
];
