// The collector's console in Zabbix's own menu of scripts: made by one click, run by the server with a key that may only look.
import assert from 'node:assert/strict';
import {until} from './browser.mjs';

const MENU = 'Flows by Weir';
const EXPECTED = {ext: /connections? to the API/, flows: /exporters?, \d+ heard/, doctor: /checks/, exporter: /last seen/};

const scriptsOf = (world) => world.api.call('script.get', {output: ['scriptid', 'name', 'usrgrpid', 'parameters'], filter: {menu_path: MENU}});

const makes = async (world) => {
	const {page} = world.admin;

	for (let time = 0; time < 2; time++) {
		await world.admin.open('zabbix.php?action=flows.settings');
		await Promise.all([page.waitForNavigation(), page.getByRole('button', {name: 'Make scripts', exact: true}).click()]);
		assert.match(await page.locator('.msg-good, output').first().innerText(), /Scripts made/);
	}
	await world.admin.checkPage();

	const scripts = await scriptsOf(world);
	const [group] = await world.api.call('usergroup.get', {output: ['usrgrpid'], filter: {name: 'Zabbix administrators'}});

	assert.deepEqual(scripts.map((one) => one.name).sort(), Object.keys(EXPECTED).sort());
	assert.ok(scripts.every((one) => one.usrgrpid === group.usrgrpid));

	// The key is a secret of Zabbix, and not the collector's own.
	const [macro] = await world.api.call('usermacro.get', {output: 'extend', globalmacro: true, filter: {macro: '{$WEIR.CONSOLE.KEY}'}});

	assert.equal(macro.type, '1');
	assert.equal(macro.value, undefined);
};

const runs = async (world) => {
	const hostid = world.ids.hosts['edge-r1'];

	for (const {scriptid, name} of await scriptsOf(world)) {
		await until(`the server answers "${name}"`, async () =>
			EXPECTED[name].test((await world.api.call('script.execute', {scriptid, hostid})).value), 20000);
	}
};

const fromTheMenu = async (world) => {
	const {page} = world.admin;

	await world.admin.open('zabbix.php?action=host.view');
	await page.locator('a[data-menu-popup]', {hasText: 'edge-r1'}).first().click();
	await page.locator('.menu-popup a', {hasText: MENU}).first().click();
	await page.locator('.menu-popup a', {hasText: /^flows$/}).first().click();
	await page.getByRole('dialog').filter({hasText: 'exporters,'}).waitFor({timeout: 20000});
	assert.match(await page.getByRole('dialog').filter({hasText: 'exporters,'}).textContent(), /127\.0\.0\.11/);
	await world.admin.shot('scripts');
	await page.keyboard.press('Escape');
	await world.admin.checkPage();
};

// What no longer fits the collector's secret is refused, with the way to fix it.
const refused = async (world) => {
	const hostid = world.ids.hosts['edge-r1'];
	const {page} = world.admin;
	const [{globalmacroid}] = await world.api.call('usermacro.get', {output: ['globalmacroid'], globalmacro: true, filter: {macro: '{$WEIR.CONSOLE.KEY}'}});
	const [{scriptid}] = await world.api.call('script.get', {output: ['scriptid'], filter: {menu_path: MENU, name: 'flows'}});
	const answer = () => world.api.call('script.execute', {scriptid, hostid}).then(({value}) => value, (error) => error.message);

	await world.api.call('usermacro.updateglobal', {globalmacroid, value: '00'.repeat(32)});
	await until('it is refused in words', async () => /Flows > Make scripts/.test(await answer()), 20000);
	await world.admin.open('zabbix.php?action=flows.settings');
	await Promise.all([page.waitForNavigation(), page.getByRole('button', {name: 'Make scripts', exact: true}).click()]);
	await until('it answers again', async () => EXPECTED.flows.test(await answer()), 20000);
};

export const scenarios = [
	['scripts of the console are made by one click, and again', makes],
	['the server answers each of them', runs],
	['an administrator reads the exporters from the menu of a host', fromTheMenu],
	['a script with an old key says how to fix it', refused]
];
