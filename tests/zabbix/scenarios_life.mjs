// What happens around the module: the collector or Zabbix away, its cost, disabling it, taking it out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import {User, until} from './browser.mjs';
import {startCollector, stopCollector} from './collector.mjs';
import {describe, judge, measure, pagesOf} from './page_time.mjs';
import {installWith, stack, state, zabbix} from './stack.mjs';

const collectorDown = async (world) => {
	const {page} = world.admin;
	const map = `zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`;

	await stopCollector();
	// an open page says so by itself, and a new one at once
	await world.admin.open('zabbix.php?action=flows.view');
	await page.locator('#flows-down').waitFor();
	await until('the box names the reason', async () => /Nothing listens at|did not answer/.test(await page.locator('#flows-down').innerText()));
	await world.admin.shot('collector-down');

	const started = Date.now();

	await world.admin.open(map);
	await page.locator('svg image[data-menu-popup]').first().click();
	await page.locator('.menu-popup').first().waitFor();
	assert.deepEqual(await world.admin.flowEntries(), {});
	assert.ok(Date.now() - started < 4000, `page and menu took ${Date.now() - started} ms`);
	await world.admin.closeMenu();
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.match(await page.locator('body').innerText(), /Nothing listens at/);
	await world.admin.shot('settings-collector-down');

	// something else listens there, and hangs up
	const other = net.createServer((socket) => socket.resetAndDestroy()).listen(zabbix.collectorPort, '127.0.0.1');

	await until('the page says that it hangs up', async () => {
		await world.admin.open('zabbix.php?action=flows.settings');

		return /closed the connection without an answer/.test(await page.locator('body').innerText());
	});
	await new Promise((resolve) => other.close(resolve));

	await world.admin.open('zabbix.php?action=flows.view');
	await startCollector();
	await world.admin.flowsWindow();
	assert.equal(await page.locator('#flows-down').isVisible(), false);
};

// PHP cannot make a token while the web server's own way to the collector is open.
const secretWrong = async (world) => {
	const {page} = world.admin;
	const file = `${state}/etc/weir/secret`;
	const secret = fs.readFileSync(file);
	let loads = 0;
	const count = () => loads++;

	fs.writeFileSync(file, 'short');
	await until('the page says what is wrong', async () => {
		await world.admin.open('zabbix.php?action=flows.view');

		return /is too short/.test(await page.locator('#flows-down').innerText());
	});
	page.on('load', count);
	await page.waitForTimeout(6000);
	page.off('load', count);
	assert.equal(loads, 0, 'the page loads itself again and again');
	fs.writeFileSync(file, secret);
	await world.admin.flowsWindow();
};

const zabbixServerDown = async (world) => {
	await stack('server-down');
	await world.admin.page.goto(`${zabbix.base}zabbix.php?action=flows.view`);
	await world.admin.flowsWindow();
	await stack('server-up');
};

// A short look; page_time.mjs by itself measures longer, and without the collector.
const timing = async (world) => {
	const times = await measure(world.api, async (query) => (await world.admin.get(query)).text, pagesOf(world.ids), 15);

	console.log(describe(times));
	judge(times, 0.1);
};

const disables = async (world) => {
	const {page} = world.admin;

	await world.admin.open('zabbix.php?action=module.list');
	await Promise.all([page.waitForNavigation(), page.locator('tbody tr', {has: page.getByText('Flows by Weir', {exact: true})}).getByText('Enabled').evaluate((link) => link.click())]);
	await world.admin.checkPage();
	assert.equal(await page.locator('a[href*="action=flows.view"]').count(), 0);
	assert.doesNotMatch((await world.admin.get('zabbix.php?action=flows.view')).text, /flows-window/);
	assert.doesNotMatch((await world.admin.get('zabbix.php?action=flows.token')).text, /"token"/);
	await world.admin.shot('disabled');
};

const uninstalls = async (world) => {
	const said = await installWith('zabbix\n', '--uninstall', '--login', 'Admin');

	assert.match(said, /removed .*modules\/weir/);
	assert.equal(fs.existsSync(`${zabbix.frontend}/modules/weir`), false);
	assert.equal(fs.existsSync(`${zabbix.frontend}/modules/weir_widget`), false);
	for (const site of ['root', 'path']) {
		assert.doesNotMatch(fs.readFileSync(`${state}/etc/nginx/sites-enabled/${site}`, 'utf8'), /include .*weir-zabbix/);
	}
	assert.equal(fs.existsSync(`${state}/etc/apache2/conf-enabled/weir-zabbix.conf`), false);
	await stack('reload');

	const user = await User.signIn('Admin', 'zabbix');

	// no red box, and nothing of ours in Zabbix
	await user.open('zabbix.php?action=module.list');
	await user.checkPage();
	assert.equal(await user.page.locator('tbody tr', {hasText: 'by Weir'}).count(), 0);
	const left = async (method, params) => world.api.call(method, {output: 'extend', ...params});

	for (const [method, params] of [
		['module.get', {filter: {id: 'weir'}}], ['template.get', {search: {host: 'Weir'}}], ['host.get', {filter: {host: 'Weir'}}], ['item.get', {search: {key_: 'weir.'}, startSearch: true}],
		['user.get', {filter: {username: 'weir'}}], ['token.get', {search: {name: 'Weir'}}], ['role.get', {search: {name: 'Weir'}}], ['usergroup.get', {search: {name: 'Weir'}}],
		['script.get', {search: {menu_path: 'Weir'}}], ['usermacro.get', {globalmacro: true, search: {macro: '{$WEIR'}}],
		[world.api.isBefore(6, 2) ? 'hostgroup.get' : 'templategroup.get', {search: {name: 'Templates/Weir'}}]
	]) {
		assert.deepEqual(await left(method, params), [], `${method} ${JSON.stringify(params)}`);
	}
	await user.open(`zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`);
	assert.equal(await user.page.locator('a[href*="flows"]').count(), 0);
	await user.shot('uninstalled');
	await user.close();
};

const phpLog = async () => {
	const file = `${state}/log/php.log`;

	assert.equal(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', '', 'PHP has complained');
};

export const scenarios = [
	['without the collector: a clear box, menus as before, and back again', collectorDown],
	['without a good secret: the page says so, and waits for it', secretWrong],
	['without the Zabbix server: flows are shown all the same', zabbixServerDown],
	['the module adds less than 20 ms to a page', timing],
	['disabled, nothing of it is left in sight', disables],
	['uninstalled, nothing of it is left', uninstalls],
	['PHP logged nothing', phpLog]
];
