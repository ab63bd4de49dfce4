// Alerts and values into Zabbix: the templates, their triggers, and the way from an alert back to its flows.
import assert from 'node:assert/strict';
import {send} from '../support/zabbix/api.mjs';
import {until} from './browser.mjs';
import {zabbix} from './stack.mjs';

const FILTER = 'exporter 127.0.0.11 and host 203.0.113.80';

const names = async (world) => (await world.api.call('problem.get', {output: ['name']})).map((one) => one.name).sort();

const imports = async (world) => {
	const {page} = world.admin;

	for (const button of ['Import', 'Import again']) {
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
	await until('both alerts are problems', async () => (await names(world)).join() === '10.4.7.30 scans ports,203.0.113.80 gets 961 Mbit/s', 5000);

	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await world.admin.shot('alerts');
	await page.locator('[data-menu-popup*="trigger"]', {hasText: '961 Mbit/s'}).first().click();
	await page.locator('.menu-popup a', {hasText: 'Flows at this time'}).waitFor();
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Flows at this time'}).click()]);
	assert.equal((await world.admin.flowsWindow()).get('filter'), FILTER);

	await send(zabbix.trapper, [['edge-r1', 'weir.alert', 'load-1|0|||']]);
	await until('one closes, the other stays', async () => (await names(world)).join() === '10.4.7.30 scans ports', 5000);
	await send(zabbix.trapper, [['edge-r1', 'weir.alert', 'scan-2|0|||']]);
	await until('both are closed', async () => (await names(world)).length === 0, 5000);
};

const manyAlerts = async (world) => {
	const ids = Array.from({length: 500}, (_, number) => `many-${number}`);

	await send(zabbix.trapper, ids.map((id) => ['edge-r1', 'weir.alert', `${id}|1|average||${id}`]));
	await until('500 problems', async () => (await names(world)).length === 500, 20000);
	await send(zabbix.trapper, ids.map((id) => ['edge-r1', 'weir.alert', `${id}|0|||`]));
	await until('none sticks', async () => (await names(world)).length === 0, 30000);
};

const exporterTriggers = async (world) => {
	await send(zabbix.trapper, [['edge-r1', 'weir.exporter.silence', 900], ['edge-r1', 'weir.exporter.loss', 7.5]]);
	await until('silent and losing', async () => (await names(world)).join() === 'Exporter edge-r1 is losing 7.5 % of its datagrams,Exporter edge-r1 is silent for 15m', 8000);
	await send(zabbix.trapper, [['edge-r1', 'weir.exporter.silence', 1], ['edge-r1', 'weir.exporter.loss', 0]]);
	await until('neither any more', async () => (await names(world)).length === 0, 8000);
};

const discovery = async (world) => {
	await send(zabbix.trapper, [
		['edge-r1', 'weir.interfaces', JSON.stringify([{'{#IFINDEX}': '3', '{#IFNAME}': 'Gi0/3', '{#IFALIAS}': 'uplink-isp-a'}])],
		['Weir', 'weir.exporters', JSON.stringify([{'{#EXPORTER}': '127.0.0.99', '{#EXPORTER.NAME}': 'wlan-ctl'}])]
	]);
	await until('the items are discovered', async () => (await world.api.call('item.get', {
		output: ['key_'], filter: {key_: ['weir.if.in[3]', 'weir.if.verdict[3]', 'weir.exporter.silence[127.0.0.99]']}
	})).length === 3, 15000);
	await until('the server takes their values', async () => /failed: 0/.test((await send(zabbix.trapper, [
		['edge-r1', 'weir.if.verdict[3]', 'the sampling rate is wrong by 100: set it to 1 in 100']
	])).info));
	await until('flows and SNMP disagree', async () => (await names(world)).some((name) => name.includes('wrong by 100')), 8000);
	await send(zabbix.trapper, [['edge-r1', 'weir.if.verdict[3]', 'fine']]);
	await until('they agree', async () => (await names(world)).length === 0 || Promise.reject(new Error(await names(world))), 8000);
};

export const scenarios = [
	['the templates are imported by one click, and again', imports],
	['alerts open and close as problems, each alone, with a way to their flows', alerts],
	['500 alerts at once neither stick nor double', manyAlerts],
	['an exporter that is silent or loses datagrams is a problem', exporterTriggers],
	['interfaces and exporters without a host are discovered', discovery]
];
