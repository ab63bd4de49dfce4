// What says that flows are there: the window in Monitoring > Flows at work, and the test of the settings page.
import assert from 'node:assert/strict';
import {until} from './browser.mjs';

// a host of the traffic that the exporters send
const BUSY_HOST = 'host=198.51.100.40';

// Opens Monitoring > Flows by the menu; figures of a host have to move, and to come through a WebSocket of the frontend's own address.
export const showsLiveFlows = async (user) => {
	const {page} = user;
	const sockets = [];

	await user.open('zabbix.php?action=problem.view');
	page.on('websocket', (socket) => {
		const one = {url: socket.url(), frames: 0, closed: false};

		socket.on('framereceived', () => one.frames++);
		socket.on('close', () => one.closed = true);
		sockets.push(one);
	});
	await Promise.all([page.waitForNavigation(), page.locator('a[href*="action=flows.view"]').first().evaluate((link) => link.click())]);
	await user.flowsWindow();
	const row = page.frameLocator('#flows-window').locator(`tr[data-key="${BUSY_HOST}"]`);

	await row.waitFor({timeout: 20000});
	const first = await row.innerText();

	await until('the figures of a host move', async () => await row.innerText() !== first, 20000);
	assert.deepEqual(sockets.map(({url, closed}) => [url, closed]), [[`${user.base.replace('http', 'ws')}flows/ws`, false]]);
	const [{frames}] = sockets;

	await until('answers keep coming through the WebSocket', async () => sockets[0].frames > frames + 1, 20000);
	await user.checkPage();
};

// The button "Test" of the settings page, which is open: {all, bad}, the words of its checks.
export const runsTests = async (page) => {
	await page.click('#flows-test-button');
	await until('all tests have run', async () => await page.locator('#flows-test-button').isEnabled(), 15000);

	return {all: await page.locator('#flows-test li').allInnerTexts(), bad: await page.locator('#flows-test li.bad').allInnerTexts()};
};

// The way to the collector is good; what is between it and Zabbix is not asked here. Returns the words of all checks.
export const testsSettings = async (user) => {
	await user.open('zabbix.php?action=flows.settings');
	const {all, bad} = await runsTests(user.page);

	assert.deepEqual(bad.filter((text) => !/API token|Zabbix|template/.test(text)), []);
	assert.match(all.at(-1), /WebSocket/);

	return all.join('\n');
};
