// doors.mjs CODENAME ROOT "WEB PATH"…: install/zabbix into Debian's own installation of Zabbix, served in each of these ways, without any
// option: it is installed, enabled, looked at with Chromium, and taken out again. Started by "run", alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import {startBrowser, stopBrowser, User} from './browser.mjs';
import {Exporters, startCollector, stopCollector} from './collector.mjs';
import {differences, Layer} from './layer.mjs';
import {showsLiveFlows, testsSettings} from './live.mjs';
import {repo, stack, state, zabbix} from './stack.mjs';
import {Tally} from './tally.mjs';

const [codename, root, ...doors] = process.argv.slice(2);
const tally = new Tally();

// apt is told only about a folder whose name needs no quotes
const HOOK = 'etc/apt/apt.conf.d/80weir-zabbix';

// What an install touches outside of Zabbix's modules and its own folder.
const TOUCHED = {
	'nginx /': ['etc/nginx/sites-available/zabbix', 'etc/nginx/snippets/weir-zabbix-root.conf'],
	'nginx /zabbix': ['etc/nginx/sites-available/default', 'etc/nginx/snippets/weir-zabbix-zabbix.conf'],
	'apache /': ['etc/apache2/conf-available/weir-zabbix-root.conf', 'etc/apache2/conf-available/weir-zabbix.conf',
		'etc/apache2/conf-enabled/weir-zabbix.conf', 'etc/apache2/sites-available/zabbix.conf'],
	'apache /zabbix': ['etc/apache2/conf-available/weir-zabbix.conf', 'etc/apache2/conf-enabled/weir-zabbix.conf'],
	'nginx /watch': ['etc/nginx/sites-available/default', 'etc/nginx/snippets/weir-zabbix-watch.conf'],
	'apache /watch': ['etc/apache2/conf-available/weir-zabbix-watch.conf', 'etc/apache2/conf-available/weir-zabbix.conf',
		'etc/apache2/conf-enabled/weir-zabbix.conf', 'etc/apache2/sites-available/000-default.conf']
};

// {status, text} of a path, by the name of another site of the same server.
const getFrom = (host, path) => new Promise((resolve, reject) => {
	http.get({host: '127.0.0.1', path, headers: {Host: host}}, (answer) => {
		let text = '';

		answer.setEncoding('utf8').on('data', (part) => text += part).on('end', () => resolve({status: answer.statusCode, text}));
	}).on('error', reject);
});

const refuses = async (world) => {
	// www-data may not go into every repository
	await world.layer.tries('sh', '-c', `mkdir -p /tmp/for-all && cd ${repo} && cp -r --parents install plugin/zabbix /tmp/for-all`);
	const {code, said} = await world.layer.tries('setpriv', '--reuid=www-data', '--regid=www-data', '--clear-groups', '/tmp/for-all/install/zabbix', '--frontend', world.layer.frontend);
	await world.layer.tries('rm', '-r', '/tmp/for-all');

	assert.equal(code, 1);
	assert.match(said, /this has to be run as root/);
	const elsewhere = await world.layer.tries(`${repo}/install/zabbix`, '--frontend', '/var/www');

	assert.equal(elsewhere.code, 1);
	assert.match(elsewhere.said, /no Zabbix frontend in \/var\/www: /);
	const other = world.layer.web === 'nginx' ? 'apache' : 'nginx';
	const wrong = await world.layer.tries(`${repo}/install/zabbix`, '--frontend', world.layer.frontend, '--web', other);

	assert.equal(wrong.code, 1);
	assert.match(wrong.said, new RegExp(`no enabled .*${other}.* serves`, 'i'));
	assert.deepEqual(differences(world.before, await world.layer.listing()), []);
};

const installs = async (world) => {
	world.effective = await world.layer.door('effective');
	const plan = await world.layer.install('--dry-run');

	assert.match(plan, new RegExp(`web server ${world.layer.web}[^]* at ${world.layer.path}$`, 'm'));
	assert.deepEqual(differences(world.before, await world.layer.listing()), [], 'a dry run changes files');
	const said = await world.layer.install();

	assert.match(said, world.layer.web === 'nginx' ? /reloaded nginx/ : /reloaded apache2/);
	assert.equal(JSON.parse(fs.readFileSync(world.layer.file(`${world.layer.frontend}/modules/weir/manifest.json`), 'utf8')).manifest_version, zabbix.isOld ? 1 : 2);
	await world.layer.door('test');
	world.installed = await world.layer.listing();

	// nothing of others has changed but the site's file, and that by one line
	const touched = [...new Set(differences(world.before, world.installed).map((line) => line.match(/^. (?:[0-9a-f]{64} +)?(?:\.\/)?(.*?)(?: [dfl] \d+ \S+ \S*)?$/)[1]))];

	assert.equal(touched.includes(HOOK), world.layer.path !== '/watch');
	assert.deepEqual(touched.filter((name) => !name.startsWith(`${world.layer.frontend.slice(1)}/modules`) && !name.startsWith('etc/weir') && name !== HOOK).sort(), TOUCHED[world.name]);
};

const installsAgain = async (world) => {
	const said = await world.layer.install();

	assert.deepEqual(differences(world.installed, await world.layer.listing()), []);
	assert.doesNotMatch(said, /wrote|included|installed|made|enabled it|reloaded/);
};

const enables = async (world) => {
	fs.rmSync(`${state}/weir`, {recursive: true, force: true});
	await startCollector(world.layer.file('/etc/weir/secret'));
	world.exporters = new Exporters({'127.0.0.11': [1, 3], '127.0.0.12': [1, 2]});
	world.admin = await User.signIn('Admin', 'zabbix', world.layer.base);
	assert.equal(await world.admin.enableModules(), zabbix.isOld ? 1 : 2);
};

const showsFlows = async (world) => {
	await showsLiveFlows(world.admin);
	await world.admin.shot(`door-${world.name.replace(/[ /]+/g, '-')}`);
};

const settings = async (world) => {
	assert.match(await testsSettings(world.admin), /answers at http:\/\/127\.0\.0\.1:8710/);
};

const closedParts = async (world) => {
	for (const file of ['Module.php', 'manifest.json', 'installed.json', 'views/flows.view.php', 'lib/Secret.php']) {
		assert.ok([403, 404].includes((await world.admin.get(`modules/weir/${file}`)).status), `${file} can be fetched`);
	}
	assert.equal((await world.admin.get('modules/weir/assets/js/map.js')).status, 200);
	assert.ok([403, 404].includes((await world.admin.get('modules/weir/Module.php/modules/weir/assets/')).status));
	assert.equal((await world.admin.get('flows/metrics')).status, 403);
	assert.match((await world.admin.get('flows/healthz')).text, /ok/);

	if (world.layer.path === '/') {
		assert.match((await getFrom('other.test', '/flows/')).text, /flows of the other site/);
		assert.match((await getFrom('other.test', '/modules/theirs/file.txt')).text, /a module of the other site/);
	}
};

const uninstalls = async (world) => {
	world.exporters?.stop();
	await stopCollector();
	const said = await world.layer.install('--uninstall', '--purge');

	assert.match(said, /removed .*modules\/weir/);
	assert.match(said, /reloaded/);
	assert.deepEqual(differences(world.before, await world.layer.listing()), []);
	await world.layer.door('test');
	assert.equal(await world.layer.door('effective'), world.effective);

	await world.admin.page.goto(`${world.layer.base}zabbix.php?action=module.list`);
	await Promise.all([world.admin.page.waitForNavigation(), world.admin.page.getByRole('button', {name: 'Scan directory'}).click()]);
	await world.admin.open('zabbix.php?action=dashboard.view');
	assert.equal(await world.admin.page.locator('a[href*="flows"]').count(), 0);
	assert.doesNotMatch((await world.admin.get('flows/healthz')).text, /ok/);
};

const phpLog = async (world) => assert.equal(fs.readFileSync(world.layer.file('/var/log/php-zabbix.log'), 'utf8'), '');

const scenarios = [
	['without root, Zabbix or its web server it says so and does nothing', refuses],
	['installs by itself, as announced', installs],
	['a second time nothing changes', installsAgain],
	['a super admin enables it', enables],
	['Monitoring > Flows shows live flows, by WebSocket', showsFlows],
	['the settings page says connected', settings],
	['what is not for the web is closed, what is another site\'s stays its own', closedParts],
	['uninstalled, no trace is left', uninstalls],
	['PHP logged nothing', phpLog]
];

await startBrowser();

try {

	for (const name of doors) {
		const [web, path] = name.split(' ');
		const world = {name, layer: new Layer('door', {web, path, codename, root})};

		console.log(`Zabbix ${zabbix.release}, ${web} at ${path}`);
		try {
			await stack('fresh');
			await world.layer.door('up');
			world.before = await world.layer.listing();

			for (const [sentence, body] of scenarios) {
				await tally.scenario(`${name}: ${sentence}`, () => body(world), (number) => world.admin?.shot(`failed-door-${number}`));
			}
		}
		finally {
			world.exporters?.stop();
			await stopCollector();
			await world.admin?.close();
			await world.layer.door('down');
			world.layer.remove();
		}
	}
}
catch (error) {
	tally.fail('to set up', error);
}
finally {
	await stopBrowser();
	await stack('down');
}
tally.end();
