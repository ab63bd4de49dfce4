// What the collector reads from Zabbix and sends to it by itself: names of interfaces, values, verdicts on flows against SNMP.
import assert from 'node:assert/strict';
import {send} from '../support/zabbix/api.mjs';
import {TO_CLIENTS, TO_SERVERS} from '../support/zabbix/netflow.mjs';
import {seedDevice, UNKNOWN_EXPORTER} from '../support/zabbix/seed.mjs';
import {until} from './browser.mjs';
import {exporterOf, rpc} from './collector.mjs';
import {stack, zabbix} from './stack.mjs';

const FINE = {name: 'dist-sw1', address: '127.0.0.14'};
const SAMPLED = {name: 'wan-r2', address: '127.0.0.15'};
const LOSSY = {name: 'lossy-r3', address: '127.0.0.16'};
const WIDE = {name: 'wide-sw1', address: '127.0.0.17'};
const INTERFACES = {2: ['Gi0/2', 'to core'], 5: ['Gi0/5', 'to isp']};

const problems = async (world) => (await world.api.call('problem.get', {output: ['name'], tags: [{tag: 'source', value: 'weir', operator: 1}]})).map((one) => one.name);
const itemOf = async (world, host, key) =>
	(await world.api.call('item.get', {output: ['itemid', 'lastvalue', 'lastclock', 'value_type'], host, filter: {key_: key}}))[0];
const interfacesOf = async (world, address) => {
	const {token} = await world.admin.token();

	return (await exporterOf(zabbix.base, token, address)).interfaces;
};

const interfaceNames = async (world) => {
	const {page} = world.admin;

	await send(zabbix.trapper, [['edge-r1', 'net.if.speed[ifHighSpeed.1]', 1e9], ['edge-r1', 'net.if.speed[ifHighSpeed.3]', 1e9]]);
	await until('the speeds are known', async () => (await interfacesOf(world, '127.0.0.11')).every((one) => one.speed_bps === 1e9), 20000);
	assert.deepEqual((await interfacesOf(world, '127.0.0.11')).map(({index, name, alias}) => [index, name, alias]), [[1, 'Gi0/1', 'lan'], [3, 'Gi0/3', 'uplink-isp-a']]);
	// one without names in Zabbix is there all the same
	assert.deepEqual((await interfacesOf(world, UNKNOWN_EXPORTER)).map(({index, name}) => [index, name]), [[1, null], [2, null]]);

	await world.admin.open(`zabbix.php?action=flows.view&hostid=${world.ids.hosts['edge-r1']}`);
	await world.admin.flowsWindow();
	const frame = page.frameLocator('#flows-window');

	await frame.getByRole('button', {name: /Interface/}).first().click();
	await frame.getByText('Gi0/3', {exact: true}).first().waitFor();
	assert.match(await frame.locator('body').innerText(), /uplink-isp-a · 1 Gbit\/s · #3/);
	await world.admin.shot('interfaces');
	await frame.getByText('Gi0/3', {exact: true}).first().click();
	await page.waitForTimeout(1500);
	assert.match(await frame.locator('body').innerText(), /Gi0\/3/);
	await world.admin.shot('interface-chosen');
};

// A device with more interfaces than a menu has place for: those with flows come first, the busiest before the others.
const menuOfMany = async (world) => {
	const {page} = world.admin;
	const interfaces = Object.fromEntries(Array.from({length: 24}, (_, n) => [n + 1, [`Gi1/0/${n + 1}`, '']]));
	const hostid = await seedDevice(world.api, WIDE.name, {address: WIDE.address, group: 'Core', interfaces});

	world.exporters.add(WIDE.address, [20, 21]);
	world.exporters.extra[WIDE.address] = [{from: '10.4.7.31', to: '203.0.113.5', fromPort: 50000, toPort: 443, octets: 90e6, inIf: 22, outIf: 23, seconds: 1}];
	await until('the collector knows the rates of four interfaces', async () => (await interfacesOf(world, WIDE.address)).filter((one) => one.flow_bps > 0).length === 4, 60000);
	await until('the menu has the busiest first', async () => {
		await world.admin.open('zabbix.php?action=host.view&filter_set=1');
		await page.locator('[data-menu-popup*="hostid"]', {hasText: WIDE.name}).first().click();
		const entries = Object.keys(await world.admin.flowEntries()).filter((name) => /^Gi1|more, in the window$/.test(name));

		await page.locator('.menu-popup a', {hasText: /^Flows of an interface$/}).hover({timeout: 3000});
		await page.locator('.menu-popup a', {hasText: 'more, in the window'}).waitFor({timeout: 3000});
		await page.waitForTimeout(400);
		await world.admin.shot('menu-many');
		const last = await page.locator('.menu-popup a', {hasText: 'more, in the window'}).boundingBox();

		assert.ok(last.y + last.height <= page.viewportSize().height, `the submenu ends at ${last.y + last.height} of ${page.viewportSize().height}`);
		await world.admin.closeMenu();
		assert.equal(entries.length, 16);
		assert.equal(entries.at(-1), '9 more, in the window');

		return /^Gi1\/0\/2[23],Gi1\/0\/2[23],Gi1\/0\/2[01],Gi1\/0\/2[01],Gi1\/0\/1,Gi1\/0\/2,/.test(entries.join());
	}, 30000);
	world.exporters.silent.add(WIDE.address);
	delete world.exporters.extra[WIDE.address];
	await world.api.call('host.delete', [hostid]);
};

const values = async (world) => {
	const host = 'edge-r1';

	for (const key of ['weir.exporter.records', 'weir.exporter.lastseen', 'weir.exporter.silence', 'weir.exporter.loss', 'weir.if.in[1]', 'weir.if.out[3]']) {
		await until(`${key} has values`, async () => Number((await itemOf(world, host, key)).lastclock) > Date.now() / 1000 - 10, 40000);
	}
	// ten records a second, 10.36 MB/s one way and 3.98 MB/s the other
	assert.ok(Math.abs((await itemOf(world, host, 'weir.exporter.records')).lastvalue - 10) < 6);
	await until('the rate is right', async () => {
		const rate = Number((await itemOf(world, host, 'weir.if.in[1]')).lastvalue);

		return Math.abs(rate / (10.36e6 * 8) - 1) < 0.6;
	}, 20000);
	const [item] = await world.api.call('item.get', {output: ['name'], host, filter: {key_: 'weir.if.in[3]'}, selectTags: ['tag', 'value']});

	assert.equal(item.name, 'Interface Gi0/3(uplink-isp-a): Flow bits received');
	for (const key of ['weir.records', 'weir.datagrams', 'weir.store.bytes', 'weir.store.days', 'weir.version']) {
		assert.notEqual((await itemOf(world, 'Weir', key)).lastvalue, '', key);
	}
	await until('an exporter without a host is discovered and has values', async () =>
		Number((await itemOf(world, 'Weir', `weir.exporter.records[${UNKNOWN_EXPORTER}]`))?.lastvalue) > 0, 40000);
};

const silence = async (world) => {
	const ours = 'Exporter edge-r1 is silent';
	const hostid = world.ids.hosts['edge-r1'];

	const {hostmacroids: [macro]} = await world.api.call('usermacro.create', {hostid, macro: '{$WEIR.SILENCE.MAX}', value: '5s'});

	world.exporters.silent.add('127.0.0.11');
	await until('it is silent', async () => (await problems(world)).some((name) => name.startsWith(ours)), 30000);
	world.exporters.silent.delete('127.0.0.11');
	await until('it is heard again', async () => !(await problems(world)).some((name) => name.startsWith(ours)), 30000);
	await world.api.call('usermacro.delete', [macro]);
};

const templateOf = async (world, hostid) => {
	const [{templateid}] = await world.api.call('template.get', {output: ['templateid'], filter: {host: 'Weir exporter'}});

	await world.api.call('host.massadd', {hosts: [{hostid}], templates: [{templateid}]});
};

// A host that is linked to the template while its exporter is losing, so that its first value says so.
const loss = async (world) => {
	const lost = `Exporter ${LOSSY.name} is losing`;
	const hostid = await seedDevice(world.api, LOSSY.name, {address: LOSSY.address, group: 'Core', interfaces: {}});

	world.exporters.lossy.add(LOSSY.address);
	world.exporters.add(LOSSY.address, [2, 5]);
	const {token} = await world.admin.token();

	await until('the collector has seen it', async () => (await exporterOf(zabbix.base, token, LOSSY.address))?.lost > 6, 15000);
	await templateOf(world, hostid);
	const [name] = await until('it is losing', async () => {
		const found = (await problems(world)).filter((one) => one.startsWith(lost));

		return found.length > 0 && found;
	}, 20000);

	assert.match(name, /is losing [0-9.]+ % of its datagrams/);
	world.exporters.lossy.delete(LOSSY.address);
	await until('it is not any more', async () => !(await problems(world)).some((one) => one.startsWith(lost)), 20000);
	world.exporters.silent.add(LOSSY.address);
};

// Two devices whose every octet SNMP counts as flows do, and one of them a hundred times as often: bits per second, polled every ten
// seconds, with the 18 octets of each frame.
const pollsCounters = async (world) => {
	const bps = (octets) => Math.round((octets + 18 * octets / 1000) * 8);
	const poll = () => send(zabbix.trapper, [[FINE.name, 1], [SAMPLED.name, 100]].flatMap(([host, factor]) => [
		[host, 'net.if.in[ifHCInOctets.2]', bps(TO_SERVERS) * factor], [host, 'net.if.out[ifHCOutOctets.2]', bps(TO_CLIENTS) * factor],
		[host, 'net.if.in[ifHCInOctets.5]', bps(TO_CLIENTS) * factor], [host, 'net.if.out[ifHCOutOctets.5]', bps(TO_SERVERS) * factor]
	])).catch(() => {});

	for (const device of [FINE, SAMPLED]) {
		const hostid = await seedDevice(world.api, device.name, {address: device.address, group: 'Core', interfaces: INTERFACES});

		world.exporters.add(device.address, [2, 5]);
		const {token} = await world.admin.token();

		// without a click
		await until('the host has the template', async () =>
			(await world.api.call('host.get', {hostids: hostid, output: ['host'], selectParentTemplates: ['host']}))[0].parentTemplates.some((one) => one.host === 'Weir exporter'), 30000);
		await until(`the collector links ${device.name}`, async () => (await exporterOf(zabbix.base, token, device.address))?.device?.name === device.name, 15000);
	}
	world.exporters.poll(poll);
};

const verdictIs = async (world, {name, address}, pattern) => {
	const words = await until(`the collector says ${pattern}`, async () => {
		const found = (await interfacesOf(world, address)).filter((one) => [2, 5].includes(one.index)).map((one) => one.verdict);

		return found.length === 2 && found.every((one) => pattern.test(one ?? '')) && found;
	}, 180000);

	for (const index of [2, 5]) {
		await until(`the item of interface ${index} says so`, async () => pattern.test((await itemOf(world, name, `weir.if.verdict[${index}]`))?.lastvalue ?? ''), 30000);
	}

	return words[0];
};

const verdicts = async (world) => {
	const {page} = world.admin;

	await verdictIs(world, FINE, /^fine: flows are (9[789]|10[0123]) % of SNMP$/);
	assert.match(await verdictIs(world, SAMPLED, /^sampling not announced/), /flows are 1\/(9[6-9]|10[0-4]) of SNMP; .*set the sampling of this exporter to (9[6-9]|10[0-4])$/);
	const open = () => problems(world).then((names) => names.filter((name) => /^Flows and SNMP disagree on 2 interfaces: Gi0\/2 \(to core\): sampling not announced[^]*Gi0\/5 \(to isp\): sampling not announced/.test(name)));

	await until('both interfaces are one problem', async () => (await open()).length === 1, 15000);
	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await world.admin.shot('verdicts');

	// fixed as the verdict says
	const {token} = await world.admin.token();

	await rpc(zabbix.base, token, 'exporters.set', {address: SAMPLED.address, sampling: 100});
	await verdictIs(world, SAMPLED, /^fine/);
	// one that a macro leaves out is none
	const [{hostid}] = await world.api.call('host.get', {filter: {host: SAMPLED.name}, output: ['hostid']});
	const {hostmacroids} = await world.api.call('usermacro.create', {hostid, macro: '{$WEIR.VERDICT.IFNAME.NOT_MATCHES}', value: '^Gi0/\\d$'});

	await until('no interface is selected', async () => (await itemOf(world, SAMPLED.name, 'weir.verdicts.count')).lastvalue === '0', 90000);
	await world.api.call('usermacro.delete', hostmacroids);
	await until('the problems are over', async () => (await open()).length === 0, 15000);
	await world.admin.open(`zabbix.php?action=latest.view&hostids[]=${(await world.api.call('host.get', {filter: {host: SAMPLED.name}, output: ['hostid']}))[0].hostid}&filter_set=1&filter_name=`);
	await page.waitForTimeout(500);
	await world.admin.shot('latest-data');
};

// Values of the time without Zabbix come when it is back, each with the time that it is about.
const valuesAreKept = async (world) => {
	const item = await itemOf(world, 'edge-r1', 'weir.exporter.silence');
	const from = Math.ceil(Date.now() / 1000) + 1;

	await stack('server-down');
	await new Promise((resolve) => setTimeout(resolve, 8000));
	const to = Math.floor(Date.now() / 1000) - 1;

	await stack('server-up');
	const count = async () => (await world.api.call('history.get', {history: item.value_type, itemids: item.itemid, time_from: from, time_till: to, output: 'extend'})).map((one) => one.clock);

	await until('the gap is filled', async () => new Set(await count()).size >= to - from - 2, 20000);
	const clocks = await count();

	assert.ok(clocks.length <= to - from + 2, `${clocks.length} values in ${to - from} s`);
};

export const scenarios = [
	['two devices export and are polled', pollsCounters],
	['names, aliases and speeds of interfaces come from the items of the stock template', interfaceNames],
	['the menu of a device with many interfaces has the busiest first, and fits the screen', menuOfMany],
	['values of exporters, interfaces and the collector arrive in Zabbix', values],
	['an exporter that falls silent is a problem until it is heard', silence],
	['an exporter that loses datagrams is a problem until it does not', loss],
	['flows against SNMP: fine, sampling not announced, and fixed', verdicts],
	['values of the time without Zabbix are delivered later, once', valuesAreKept]
];
