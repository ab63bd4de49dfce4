// From a stock Zabbix to flows in it: the installer, the module list, the settings page, links between exporters and hosts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {NAMED_EXPORTER, UNKNOWN_EXPORTER} from '../support/zabbix/seed.mjs';
import {User, until} from './browser.mjs';
import {runsTests} from './live.mjs';
import {exporterOf, rpc, writeSettings} from './collector.mjs';
import {install, installWith, state, zabbix} from './stack.mjs';

const manifest = () => JSON.parse(fs.readFileSync(`${zabbix.frontend}/modules/weir/manifest.json`, 'utf8'));

const installs = async () => {
	await install('--web', 'apache');
	await install();
	assert.equal(manifest().manifest_version, zabbix.isOld ? 1 : 2);
	assert.equal(fs.existsSync(`${zabbix.frontend}/modules/weir_widget`), !zabbix.isOld);
	assert.equal(fs.statSync(`${state}/etc/weir/secret`).mode & 0o777, 0o640);

	// once more: nothing to do
	assert.doesNotMatch(await install(), /installed|wrote|included|made/);

	// as after an upgrade of Zabbix: the manifest of the other version is there
	const wrong = JSON.stringify({...manifest(), manifest_version: zabbix.isOld ? 2 : 1});

	fs.writeFileSync(`${zabbix.frontend}/modules/weir/manifest.json`, wrong);
	assert.match(await install(), /installed/);
	assert.equal(manifest().manifest_version, zabbix.isOld ? 1 : 2);
};

const connects = async (world) => {
	const config = writeSettings();
	const connect = (password) => installWith(password, '--collector', config, '--server', `127.0.0.1:${zabbix.trapper}`, '--login', 'Admin');

	await assert.rejects(connect('wrong\n'), /user.login/);
	const said = await connect('zabbix\n');

	assert.match(said, /enabled the module "weir"[^]*imported the templates[^]*made the user "weir"[^]*made an API token[^]*set \[zabbix\] url[^]*Restart the collector/);
	assert.doesNotMatch(await connect('zabbix\n'), /^  (made|enabled|imported|set \[|kept|wrote)\b/m);
	assert.equal(fs.statSync(`${state}/etc/weir/zabbix-token`).mode & 0o777, 0o400);

	// a token that was switched off is made to work again
	const [token] = await world.api.call('token.get', {output: ['tokenid'], filter: {name: 'Weir collector'}});

	await world.api.call('token.update', {tokenid: token.tokenid, status: 1});
	assert.match(await connect('zabbix\n'), /made an API token/);

	// what someone has set stays
	fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace(/^zabbix_server = .*$/m, 'zabbix_server = "proxy.example:10051"'));
	assert.match(await connect('zabbix\n'), /kept \[alert\] zabbix_server = "proxy.example:10051"/);
	fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('"proxy.example:10051"', `"127.0.0.1:${zabbix.trapper}"`));

	// the token reads hosts and does nothing else
	const weir = await world.api.withToken(fs.readFileSync(`${state}/etc/weir/zabbix-token`, 'utf8').trim());

	assert.ok((await weir.call('host.get', {output: ['host']})).length >= 3);
	await assert.rejects(weir.call('user.get', {}), /No permissions/);
	await assert.rejects(weir.call('host.delete', [world.ids.hosts['edge-r1']]), /No permissions/);
};

const enables = async (world) => {
	world.admin = await User.signIn('Admin', 'zabbix');
	const {page} = world.admin;

	assert.equal(await world.admin.enableModules(), zabbix.isOld ? 1 : 2);
	assert.ok(await page.locator('a[href*="action=flows.view"]').count() > 0, 'no entry in the menu');
	await world.admin.shot('modules', {clip: {x: 0, y: 0, width: 1400, height: 560}});
};

const namesExporter = async (world) => {
	const {token} = await world.admin.token();

	await until('all exporters are known', async () => (await rpc(zabbix.base, token, 'exporters.list')).result.exporters.length === 4);
	const answer = await rpc(zabbix.base, token, 'exporters.set', {address: NAMED_EXPORTER[0], name: NAMED_EXPORTER[1]});

	assert.equal(answer.error, undefined);
};

const row = (page, text) => page.locator('tbody tr', {hasText: text});

const settings = async (world) => {
	const {page} = world.admin;

	// what the frontend has cached lives for ten seconds
	await until('the name is known to the frontend', async () => {
		await world.admin.open('zabbix.php?action=flows.settings');

		return (await row(page, NAMED_EXPORTER[0]).innerText()).includes('branch-gw');
	});
	assert.match(await row(page, '127.0.0.11').innerText(), /edge-r1\s+interface address/);
	assert.match(await row(page, '127.0.0.12').innerText(), /core-sw1\s+interface address/);
	assert.match(await row(page, NAMED_EXPORTER[0]).innerText(), /branch-gw\s+name/);
	assert.match(await row(page, UNKNOWN_EXPORTER).innerText(), /no host\s+Link or create host/);

	// items of hosts that the collector has just given the template are known to the server after its next look
	await until('every test is good', async () => (await runsTests(page)).bad.length === 0, 60000);
	await world.admin.shot('settings');

	// out of range: said in words, with what was typed
	await page.fill('#token_ttl', '5');
	await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);
	assert.match(await page.locator('.msg-bad').innerText(), /30 to 300 seconds, not "5"/);
	assert.equal(await page.inputValue('#token_ttl'), '5');

	// saved, and refused in words
	await page.fill('#token_ttl', '90');
	await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);
	assert.equal(await page.inputValue('#token_ttl'), '90');
	const {claims} = await world.admin.token();

	assert.equal(claims.exp - claims.iat, 90);

	// an address that the web server was not told
	await page.fill('#sidecar_url', `http://localhost:${zabbix.collectorPort}`);
	await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);
	assert.match((await runsTests(page)).bad.join(), /install\/zabbix --sidecar http:\/\/localhost:/);
	await page.fill('#sidecar_url', `http://127.0.0.1:${zabbix.collectorPort}`);
	await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);

	await page.fill('#sidecar_url', 'file:///etc/passwd');
	await Promise.all([page.waitForNavigation(), page.click('button[name=update]')]);
	assert.match(await page.locator('.msg-bad').innerText(), /is not an address of the collector/);
	assert.equal(await page.inputValue('#sidecar_url'), 'file:///etc/passwd');
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.equal(await page.inputValue('#sidecar_url'), `http://127.0.0.1:${zabbix.collectorPort}`);
};

const forgery = async (world) => {
	const answer = await world.admin.context.request.post(`${zabbix.base}zabbix.php?action=flows.settings.update`, {
		form: {sidecar_url: 'http://192.0.2.1:1', token_ttl: '60', sid: 'x', _csrf_token: 'x'}
	});

	assert.match(await answer.text(), /Access denied|not permitted|Zabbix has received an incorrect request/i);
	await world.admin.open('zabbix.php?action=flows.settings');
	assert.equal(await world.admin.page.inputValue('#sidecar_url'), `http://127.0.0.1:${zabbix.collectorPort}`);
};

// The collector's own links, made of what it reads by the API of Zabbix, are the page's.
const seenByCollector = async (world, address, host) => {
	const {token} = await world.admin.token();

	await until(`the collector links ${address} to ${host}`, async () => {
		const {device} = await exporterOf(zabbix.base, token, address);

		return (device?.name ?? null) === host;
	}, 10000);
};

const linksAtCollector = async (world) => {
	await seenByCollector(world, '127.0.0.11', 'edge-r1');
	await seenByCollector(world, '127.0.0.12', 'core-sw1');
	await seenByCollector(world, NAMED_EXPORTER[0], 'branch-gw');
	await seenByCollector(world, UNKNOWN_EXPORTER, null);
};

const linksByHand = async (world) => {
	const {page} = world.admin;
	const open = () => world.admin.open(`zabbix.php?action=flows.exporter&exporter=${UNKNOWN_EXPORTER}`);

	await open();
	await page.locator('#hostid input[type=text]').pressSequentially('branch', {delay: 50});
	await page.locator('.multiselect-available li, .multiselect-suggest li', {hasText: 'branch-gw'}).first().click();
	await world.admin.shot('exporter');
	await Promise.all([page.waitForNavigation(), page.click('button[name=link]')]);
	assert.match(await row(page, UNKNOWN_EXPORTER).innerText(), /branch-gw\s+hand/);
	await seenByCollector(world, UNKNOWN_EXPORTER, 'branch-gw');

	await open();
	await Promise.all([page.waitForNavigation(), page.click('button[name=unlink]')]);
	assert.match(await row(page, UNKNOWN_EXPORTER).innerText(), /no host/);
	await seenByCollector(world, UNKNOWN_EXPORTER, null);
};

const createsHost = async (world) => {
	const {page} = world.admin;

	await world.admin.open(`zabbix.php?action=flows.exporter&exporter=${UNKNOWN_EXPORTER}`);
	// no technical name of Zabbix has a colon, as IPv6 addresses do
	await page.fill('#host', 'wlan:ctl');
	await Promise.all([page.waitForNavigation(), page.click('button[name=create]')]);
	assert.match(await row(page, UNKNOWN_EXPORTER).innerText(), /wlan:ctl\s+hand/);
	const [host] = await world.api.call('host.get', {output: ['hostid'], filter: {host: 'wlan-ctl'}, selectInterfaces: ['ip']});

	assert.equal(host.interfaces[0].ip, UNKNOWN_EXPORTER);
	await seenByCollector(world, UNKNOWN_EXPORTER, 'wlan:ctl');
	await world.api.call('host.delete', [host.hostid]);

	// the choice of a host that is gone can be taken back
	await seenByCollector(world, UNKNOWN_EXPORTER, null);
	await world.admin.open(`zabbix.php?action=flows.exporter&exporter=${UNKNOWN_EXPORTER}`);
	await Promise.all([page.waitForNavigation(), page.click('button[name=unlink]')]);
	assert.match(await row(page, UNKNOWN_EXPORTER).innerText(), /no host\s+Link or create host/);
};

const layouts = async () => {
	for (const [name, base] of Object.entries(zabbix.bases)) {
		const user = await User.signIn('Admin', 'zabbix', base);

		await user.open('zabbix.php?action=flows.view');
		await user.flowsWindow();

		for (const file of ['Module.php', 'manifest.json', 'installed.json', 'views/flows.view.php']) {
			assert.equal((await user.get(`modules/weir/${file}`)).status, 403, `${name}: ${file} can be fetched`);
		}
		assert.equal((await user.get('modules/weir/assets/js/map.js')).status, 200, name);
		assert.equal((await user.get('flows/metrics')).status, 403, name);
		await user.close();

		// by a name that the collector does not know
		const other = await User.signIn('Admin', 'zabbix', base.replace('127.0.0.1', 'zabbix.test'));

		await other.open('zabbix.php?action=flows.view');
		await other.flowsWindow();
		await other.close();
	}
};

export const scenarios = [
	['the installer puts the module in place, once, with the right manifest', installs],
	['the installer makes the collector a token and sets what it needs, once', connects],
	['a super admin enables the module', enables],
	['an exporter is given a name in the collector', namesExporter],
	['the settings page shows the state, tests it, and saves', settings],
	['a forged request changes no setting', forgery],
	['the collector links exporters as the page does: by address, by name, not at all', linksAtCollector],
	['an exporter is linked by hand and let go', linksByHand],
	['a host is created for an exporter', createsHost]
];
export const doors = [
	['nginx and Apache, below /zabbix and at the root', layouts]
];
