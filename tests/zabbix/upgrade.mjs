// upgrade.mjs ROOT NEXT "WEB PATH": a Debian 12 with Zabbix 6.0 and the module enabled becomes a Debian 13 with Zabbix 7.0 by apt, on
// the same database; the installer is run again only then. NEXT: what tests/support/zabbix/next_debian made. Started by "run", alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {PASSWORD, seed} from '../support/zabbix/seed.mjs';
import {startBrowser, stopBrowser, until, User} from './browser.mjs';
import {Exporters, startCollector, stopCollector} from './collector.mjs';
import {Layer} from './layer.mjs';
import {showsLiveFlows, testsSettings} from './live.mjs';
import {stack, state} from './stack.mjs';
import {Tally} from './tally.mjs';

const [root, next, door] = process.argv.slice(2);
const [web, path] = door.split(' ');
const tally = new Tally();
const world = {layer: new Layer('upgrade', {web, path, codename: 'bookworm', root: `${next}/upper:${root}`})};
const PAGES = (ids) => ['dashboard.view', 'problem.view&filter_name=', 'host.view', 'latest.view', 'module.list', 'web.view', `map.view&sysmapid=${ids.sysmapid}`];

const manifest = () => JSON.parse(fs.readFileSync(world.layer.file('/usr/share/zabbix/modules/weir/manifest.json'), 'utf8')).manifest_version;
const frontendVersion = () => fs.readFileSync(world.layer.file('/usr/share/zabbix/include/defines.inc.php'), 'utf8').match(/ZABBIX_VERSION',\s*'([^']+)/)[1];

const before = async () => {
	// as an administrator has it: otherwise the upgrade takes away the locale that Zabbix asks for
	await world.layer.does('sh', '-c', 'echo "en_US.UTF-8 UTF-8" >>/etc/locale.gen');
	await world.layer.install();
	assert.match(frontendVersion(), /^6\.0/);
	assert.equal(manifest(), 1);
	await startCollector(world.layer.file('/etc/weir/secret'));
	world.exporters = new Exporters({'127.0.0.11': [1, 3], '127.0.0.12': [1, 2]});
	const admin = await User.signIn('Admin', 'zabbix', world.layer.base);

	assert.equal(await admin.enableModules(), 1);
	await showsLiveFlows(admin);
	await admin.open('zabbix.php?action=flows.settings');
	await admin.page.fill('#token_ttl', '90');
	await Promise.all([admin.page.waitForNavigation(), admin.page.click('button[name=update]')]);
	world.ids = await seed(await ZabbixApi.login(world.layer.base));
	await admin.close();
};

const upgrades = async () => {
	await stack('server-down');
	await world.layer.door('down');
	const said = await world.layer.does('upgrade-debian', '--no-download');

	assert.match(said, /zabbix-frontend-php \(1:7\.0/);
	assert.match(frontendVersion(), /^7\.0/);
	assert.equal(manifest(), 2, 'the hook of apt has picked the other manifest');
	await world.layer.door('up');
	fs.rmSync(`${state}/log/zabbix_server.log`, {force: true});
	await world.layer.does('/usr/sbin/zabbix_server', '-c', `${state}/zabbix_server.conf`);
	await until('the server has upgraded the database', () => /database upgrade fully completed/.test(fs.readFileSync(`${state}/log/zabbix_server.log`, 'utf8')), 240000);
};

// An administrator and a user find every page as it should be, but for these red boxes.
const pagesLoad = async (boxes) => {
	for (const [name, password, pages] of [['Admin', 'zabbix', PAGES(world.ids)], ['noc', PASSWORD, PAGES(world.ids).filter((page) => page !== 'module.list')]]) {
		const user = await User.signIn(name, password, world.layer.base);

		for (const page of pages) {
			// to its end: of a page that is left early the core itself complains in PHP's log
			const answer = await user.page.goto(`${world.layer.base}zabbix.php?action=${page}`, {waitUntil: 'networkidle'});

			assert.equal(answer.status(), 200, page);
			assert.ok(await user.page.locator('.menu-main').count() > 0, `no menu in ${page}`);
			assert.ok(await user.page.locator('h1').count() > 0, `no heading in ${page}`);
			assert.deepEqual([...new Set(await user.page.locator('.msg-bad').allInnerTexts())].map((text) => text.replace(/\s+/g, ' ').trim()), boxes, `${name}: ${page}`);
		}
		assert.deepEqual(user.errors, []);
		await user.close();
	}
};

const goesOn = async () => {
	await pagesLoad([]);
	const admin = await User.signIn('Admin', 'zabbix', world.layer.base);

	await showsLiveFlows(admin);
	await admin.open(`zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`);
	await admin.page.locator('svg image[data-menu-popup]').first().click();
	assert.ok('Flows (all it exports)' in await admin.flowEntries());
	await admin.shot('upgrade-before-installer');
	await admin.close();
};

// As after an upgrade by hand, where no hook has run: Zabbix says so on its pages, and they are there.
const byHand = async () => {
	const dir = world.layer.file('/usr/share/zabbix/modules/weir');

	fs.copyFileSync(`${dir}/manifest-1.json`, `${dir}/manifest.json`);
	await pagesLoad(['Cannot load module at: modules/weir.']);
};

const installsAgain = async () => {
	const said = await world.layer.install();

	assert.match(said, /installed \/usr\/share\/zabbix\/modules\/weir$/m);
	assert.match(said, /installed \/usr\/share\/zabbix\/modules\/weir_widget$/m);
	assert.doesNotMatch(said, /wrote|made|reloaded/);
	assert.equal(manifest(), 2);

	await pagesLoad([]);
	world.admin = await User.signIn('Admin', 'zabbix', world.layer.base);
	// enabled as it was, with its settings
	const {claims} = await world.admin.token();

	assert.equal(claims.exp - claims.iat, 90);
	await showsLiveFlows(world.admin);
	assert.match(await testsSettings(world.admin), /answers at/);
	await world.admin.shot('upgrade-after-installer');
};

const widget = async () => {
	assert.equal(await world.admin.enableModules(), 2);
	await world.admin.open(`zabbix.php?action=map.view&sysmapid=${world.ids.sysmapid}`);
	await world.admin.page.locator('svg image[data-menu-popup]').first().click();
	assert.ok('Flows (all it exports)' in await world.admin.flowEntries());
};

const phpLog = async () => assert.equal(fs.readFileSync(world.layer.file('/var/log/php-zabbix.log'), 'utf8'), '');

await startBrowser();

try {
	await stack('fresh');
	await world.layer.door('up');

	for (const [sentence, body] of [
		['Zabbix 6.0: the module is enabled and shows flows', before],
		['apt makes it Zabbix 7.0, and its server upgrades the database', upgrades],
		['before the installer is run again, all pages load, and the module works', goesOn],
		['with the old manifest, as after an upgrade by hand, all pages load and say what is wrong', byHand],
		['the installer, run again, takes the other manifest: enabled as before, with its settings', installsAgain],
		['the widget is there too, and the menus', widget],
		['PHP logged nothing', phpLog]
	]) {
		if (!await tally.scenario(`${door}: ${sentence}`, body, (number) => world.admin?.shot(`failed-upgrade-${number}`)) && body === upgrades) {
			break;
		}
	}
}
catch (error) {
	tally.fail('to set up', error);
}
finally {
	world.exporters?.stop();
	await stopCollector();
	await world.layer.door('down').catch(() => {});
	await stack('down');
	world.layer.remove();
	await stopBrowser();
}
tally.end();
