// What an operator does: the Flows page, devices and links of a map, problems, the dashboard.
import assert from 'node:assert/strict';
import {send} from '../support/zabbix/api.mjs';
import {DEVICES, TRIGGER} from '../support/zabbix/seed.mjs';
import {until} from './browser.mjs';
import {rpc} from './collector.mjs';
import {runsTests} from './live.mjs';
import {zabbix} from './stack.mjs';

const MAP = (world) => `zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`;
const elementOf = (page, hostname) => page.locator('svg image[data-menu-popup]').nth(Object.keys(DEVICES).indexOf(hostname));
const hitLine = (page, number) => page.locator('g[data-menu-popup*="flows_link"] line[stroke="transparent"]').nth(number);

const sendCounters = async () => {
	const answer = await send(zabbix.trapper, [
		['edge-r1', 'net.if.speed[ifHighSpeed.3]', 1e9], ['edge-r1', 'net.if.in[ifHCInOctets.3]', 420e6],
		['core-sw1', 'net.if.in[ifHCInOctets.1]', 420e6]
	]);

	assert.match(answer.info, /failed: 0/);
};

const opensPage = async (world) => {
	const {page} = world.admin;

	await world.admin.open('zabbix.php?action=problem.view');
	await Promise.all([page.waitForNavigation(), page.locator('a[href*="action=flows.view"]').first().evaluate((link) => link.click())]);
	await world.admin.flowsWindow();
	await page.waitForTimeout(1500);
	await world.admin.checkPage();
	await world.admin.shot('flows', {clip: {x: 0, y: 0, width: 1400, height: 700}});
};

const mapBadges = async (world) => {
	const {page} = world.admin;

	await until('the counters have arrived', async () => {
		await sendCounters();

		return true;
	});
	await world.admin.open(MAP(world));
	await until('the badges are drawn', async () => await page.locator('.flows-badge').count() === 3, 10000);
	const {token} = await world.admin.token();
	const active = (await rpc(zabbix.base, token, 'exporters.list')).result.exporters.filter((one) => one.active).length;

	assert.equal(await page.locator('.flows-badge-exporting').count(), Math.min(active, 3));
	assert.match(await page.locator('.flows-badge title').first().textContent(), /records per second/);
	await world.admin.shot('map');
};

// The core draws each member of a host group as an element of its own.
const mapGroup = async (world) => {
	const {page} = world.admin;
	const [{imageid}] = await world.api.call('image.get', {output: ['imageid'], filter: {name: 'Router_(96)'}});
	const {sysmapids} = await world.api.call('map.create', {
		name: 'Edge alone', width: 600, height: 400,
		selements: [{selementid: '1', elementtype: 3, elementsubtype: 1, elements: [{groupid: world.ids.groups.Edge}], iconid_off: imageid, x: 0, y: 0}]
	});

	await world.admin.open(`zabbix.php?action=map.view&sysmapid=${sysmapids[0]}`);
	await until('the badges are drawn', async () => await page.locator('.flows-badge').count() === 2, 10000);
	await world.admin.shot('map-group');
	await page.locator('svg image[data-menu-popup]').first().click();
	assert.ok('Flows (all it exports)' in await world.admin.flowEntries());
	await world.admin.closeMenu();
	await world.api.call('map.delete', sysmapids);
};

const mapDevice = async (world) => {
	const {page} = world.admin;
	const hostid = world.ids.hosts['edge-r1'];

	await world.admin.open(MAP(world));
	await until('the badges are drawn', async () => await page.locator('.flows-badge').count() === 3, 10000);
	await elementOf(page, 'edge-r1').click();
	await world.admin.flowEntries();
	await page.locator('.menu-popup a', {hasText: /^Flows of an interface$/}).hover();
	await page.locator('.menu-popup a', {hasText: 'Gi0/3 (uplink-isp-a)'}).waitFor();
	await page.waitForTimeout(400);
	await world.admin.shot('map-device-menu');
	assert.deepEqual(Object.keys(await world.admin.flowEntries()).sort(), ['Flows (all it exports)', 'Flows of this host (as client or server)', 'Gi0/1 (lan)', 'Gi0/3 (uplink-isp-a)']);

	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Gi0/3 (uplink-isp-a)'}).click()]);
	const shown = await world.admin.flowsWindow();

	assert.equal(shown.get('exporter'), '127.0.0.11');
	assert.equal(shown.get('if'), '3');
	assert.match(await page.title(), /edge-r1 Gi0\/3 \(uplink-isp-a\)/);
	await page.waitForTimeout(1500);
	await world.admin.shot('flows-interface');

	await world.admin.open(`zabbix.php?action=flows.view&hostid=${hostid}`);
	assert.equal((await world.admin.flowsWindow()).get('exporter'), '127.0.0.11');
	await world.admin.open(`zabbix.php?action=flows.view&hostid=${hostid}&scope=host`);
	assert.equal((await world.admin.flowsWindow()).get('filter'), 'host 127.0.0.11');

	// numbers of interfaces have up to ten digits
	await world.admin.open(`zabbix.php?action=flows.view&hostid=${hostid}&ifindex=1207959553`);
	assert.equal((await world.admin.flowsWindow()).get('if'), '1207959553');

	// an interface that goes by its name keeps the form's 127.0.0.1, which is not the host's
	const {hostids: [named]} = await world.api.call('host.create', {
		host: 'by-name', groups: [{groupid: world.ids.groups.Edge}],
		interfaces: [{type: 1, main: 1, useip: 0, ip: '127.0.0.1', dns: 'by-name.example', port: '10050'}]
	});

	await world.admin.open(`zabbix.php?action=flows.view&hostid=${named}&scope=host`);
	assert.equal((await world.admin.flowsWindow()).get('filter'), 'host 0.0.0.0');
	assert.match(await page.locator('.flows-note').innerText(), /Give one of its interfaces an IP address/);
	await world.api.call('host.delete', [named]);
};

const mapLink = async (world) => {
	const {page} = world.admin;

	await world.admin.open(MAP(world));
	await page.waitForSelector('svg image[data-menu-popup]');
	await hitLine(page, 0).click({force: true});
	const entries = await world.admin.flowEntries();

	assert.deepEqual(Object.keys(entries).sort(), [
		'Gi0/3 (uplink-isp-a), edge-r1', 'In: Gi0/3, edge-r1', 'In: Te1/1/1, core-sw1', 'Out: Gi0/3, edge-r1', 'Out: Te1/1/1, core-sw1',
		'Te1/1/1 (to edge-r1), core-sw1'
	]);
	await page.waitForTimeout(400);
	await world.admin.shot('map-link-menu');
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'In: Gi0/3, edge-r1'}).click()]);
	const shown = await world.admin.flowsWindow();

	assert.equal(shown.get('exporter'), '127.0.0.11');
	assert.equal(shown.get('filter'), 'in_if 3');

	// a link that names no interface leads to its devices
	await world.admin.open(MAP(world));
	await page.waitForSelector('svg image[data-menu-popup]');
	await hitLine(page, 1).click({force: true});
	assert.deepEqual(Object.keys(await world.admin.flowEntries()).sort(), ['Flows of branch-gw', 'Flows of edge-r1']);
	await world.admin.closeMenu();

	// the editor stays as the core draws it
	await world.admin.open(`sysmap.php?sysmapid=${world.ids.sysmapid}`);
	await page.waitForSelector('.map-links line, svg line', {state: 'attached'});
	assert.equal(await page.locator('g[data-menu-popup*="flows_link"]').count(), 0);
};

const problem = async (world) => {
	const {page} = world.admin;

	await send(zabbix.trapper, [['edge-r1', 'net.if.in[ifHCInOctets.3]', 961e6]]);
	const [found] = await until('the problem is there', async () => {
		const problems = await world.api.call('problem.get', {output: ['eventid', 'clock', 'name'], objectids: world.ids.triggerid});

		return problems.length > 0 && problems;
	});

	await world.admin.open(MAP(world));
	await until('the link is red', async () => await page.locator('svg g[stroke="#DD0000"]').count() > 0, 10000);
	await until('the badges are drawn', async () => await page.locator('.flows-badge').count() === 3, 10000);
	await world.admin.shot('map-problem');

	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await page.locator('[data-menu-popup*="trigger"]', {hasText: TRIGGER}).first().click();
	await page.locator('.menu-popup a', {hasText: 'Flows at this time'}).waitFor();
	await page.waitForTimeout(400);
	await world.admin.shot('problem-menu');
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Flows at this time'}).click()]);
	const shown = await world.admin.flowsWindow();
	const at = found.clock * 1000;

	assert.equal(shown.get('exporter'), '127.0.0.11');
	assert.equal(shown.get('if'), '3');
	assert.ok(Number(shown.get('from')) < at && at <= Number(shown.get('to')), `the window shows ${shown}, the problem was at ${at}`);
	await page.waitForTimeout(1500);
	await world.admin.shot('flows-problem');

	// the device's own menu is there too
	await world.admin.open('zabbix.php?action=problem.view&filter_name=&show=3');
	await page.locator('[data-menu-popup*="hostid"]', {hasText: 'edge-r1'}).first().click();
	assert.ok('Flows (all it exports)' in await world.admin.flowEntries());
	await world.admin.closeMenu();
	await send(zabbix.trapper, [['edge-r1', 'net.if.in[ifHCInOctets.3]', 420e6]]);
};

const otherMenus = async (world) => {
	const {page} = world.admin;

	for (const query of ['zabbix.php?action=host.view&filter_set=1', `zabbix.php?action=latest.view&hostids[]=${world.ids.hosts['edge-r1']}&filter_set=1&filter_name=`]) {
		await world.admin.open(query);
		await page.locator('[data-menu-popup*="hostid"]', {hasText: 'edge-r1'}).first().click();
		assert.ok('Flows (all it exports)' in await world.admin.flowEntries(), query);
		await world.admin.closeMenu();
	}
};

const chartPage = async (world) => {
	const {page} = world.admin;

	await world.admin.open(`zabbix.php?action=flows.chart&hostid=${world.ids.hosts['edge-r1']}&period=600`);
	assert.match(await page.locator('.flows-chart table').innerText(), /10\.4\.7\.30/);
	assert.ok(await page.locator('.flows-chart polygon').count() > 1);
	assert.match((await page.locator('.flows-chart svg text').allTextContents()).at(-1), /^\d\d:\d\d:\d\d( [AP]M)?$/);

	// over days the times have their day
	await world.admin.open(`zabbix.php?action=flows.chart&hostid=${world.ids.hosts['edge-r1']}&period=259200`);
	assert.match((await page.locator('.flows-chart svg text').allTextContents()).at(-1), /^\d{4}-\d\d-\d\d \d\d:\d\d/);
};

const dashboard = async (world) => {
	const {page} = world.admin;
	const old = zabbix.isOld;
	const chart = `zabbix.php?action=flows.chart&hostid=${world.ids.hosts['edge-r1']}&period=600`;
	const map = old
		? {type: 'map', name: 'Map', x: 0, y: 0, width: 13, height: 8, fields: [{type: 0, name: 'source_type', value: 1}, {type: 8, name: 'sysmapid', value: world.ids.sysmapid}]}
		: {type: 'map', name: 'Map', x: 0, y: 0, width: 38, height: 7, fields: [{type: 8, name: 'sysmapid.0', value: world.ids.sysmapid}, {type: 1, name: 'reference', value: 'AAAAA'}]};
	const flows = old
		? {type: 'url', name: 'Flows of edge-r1', x: 13, y: 0, width: 11, height: 8, fields: [{type: 1, name: 'url', value: chart}]}
		: {type: 'weir_widget', name: '', x: 38, y: 0, width: 34, height: 7, fields: [{type: 1, name: 'override_hostid._reference', value: 'AAAAA._hostid'}]};
	const {dashboardids} = await world.api.call('dashboard.create', {name: 'Flows', pages: [{widgets: [map, flows]}]});

	await world.admin.open(`zabbix.php?action=dashboard.view&dashboardid=${dashboardids[0]}`);
	const widget = old ? page.frameLocator('iframe[src*="flows.chart"]').locator('body') : page.locator('.dashboard-widget-weir_widget, [class*="weir_widget"]').first();

	await widget.locator('.flows-chart').waitFor({timeout: 15000});
	await page.waitForSelector('svg image[data-menu-popup]');

	if (!old) {
		await elementOf(page, 'core-sw1').click();
		await until('the widget follows the map', async () => /core-sw1/.test(await widget.innerText()), 10000);
		await world.admin.closeMenu();
	}

	await page.waitForTimeout(1000);
	await world.admin.checkPage();
	await world.admin.shot('dashboard');

	// links open their menu in the widget too
	await hitLine(page, 0).click({force: true});
	assert.equal(Object.keys(await world.admin.flowEntries()).length, 6);
	await world.admin.closeMenu();
	await world.api.call('dashboard.delete', dashboardids);
};

// The user's theme is the window's and the chart's; our own colours are for both.
const darkTheme = async (world) => {
	const {page} = world.admin;
	const [{userid}] = await world.api.call('user.get', {output: ['userid'], filter: {username: 'Admin'}});
	const chart = `zabbix.php?action=flows.chart&hostid=${world.ids.hosts['edge-r1']}&period=600`;

	await world.api.call('user.update', {userid, theme: 'dark-theme'});
	await world.admin.open('zabbix.php?action=flows.view');
	assert.equal((await world.admin.flowsWindow()).get('theme'), 'dark');
	await page.waitForTimeout(1500);
	await world.admin.shot('dark-flows');
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.ok((await runsTests(page)).all.length > 6);
	await world.admin.shot('dark-settings');
	await world.admin.open(chart);
	await page.locator('.flows-chart polygon').first().waitFor();
	await world.admin.shot('dark-chart');
	await world.admin.open(MAP(world));
	await until('the badges are drawn', async () => await page.locator('.flows-badge').count() === 3, 10000);
	await world.admin.shot('dark-map');
	await world.api.call('user.update', {userid, theme: 'default'});
};

export const scenarios = [
	['Monitoring > Flows opens the window', opensPage],
	['map: devices that export carry a badge', mapBadges],
	['map: so do the members of a host group', mapGroup],
	['map: a device leads to its flows, its interfaces and its own addresses', mapDevice],
	['map: a link leads to the flows of the interfaces behind it', mapLink],
	['a problem leads to the flows of its time and interface', problem],
	['Hosts and Latest data have the same menu', otherMenus],
	['the chart page', chartPage],
	['a dashboard shows flows beside a map', dashboard],
	['in the dark theme too', darkTheme]
];
