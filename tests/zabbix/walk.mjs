// Chromium on an administrator's way, see "walk": signs in to Zabbix at /zabbix and says "ready"; after a line of input it opens the map
// until a device carries the badge, and follows its menu to its flows. Each step is a line. Exporters send to port 2055 all the time.
import dgram from 'node:dgram';
import {once} from 'node:events';
import {chromium} from 'playwright-core';
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {datagram} from '../support/zabbix/netflow.mjs';
import {DEVICES, seed} from '../support/zabbix/seed.mjs';

const BASE = 'http://127.0.0.1/zabbix/';
const DEVICE = 'edge-r1';
const STARTED = Date.now() - 3600000;

const exportFrom = (address, interfaces) => {
	const socket = dgram.createSocket('udp4');
	let sequence = 0;

	socket.bind(0, address);
	// nobody listens at first
	socket.on('error', () => {});
	setInterval(() => {
		const {bytes, count} = datagram(interfaces, sequence, Date.now() - STARTED, Date.now());

		sequence += count;
		socket.send(bytes, 2055, '127.0.0.1', () => {});
	}, 1000).unref();
};

const api = await (async () => {
	for (let attempt = 0; ; attempt++) {
		try {
			return await ZabbixApi.login(BASE);
		}
		catch (error) {
			if (attempt === 100) {
				throw error;
			}
			await new Promise((resolve) => setTimeout(resolve, 300));
		}
	}
})();
const {sysmapid} = await seed(api);

exportFrom(DEVICES[DEVICE].address, [1, 3]);
exportFrom(DEVICES['core-sw1'].address, [1, 2]);

const browser = await chromium.launch({executablePath: process.env.WEIR_CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu']});

try {
	const page = await browser.newPage({viewport: {width: 1400, height: 800}});

	await page.goto(BASE);
	await page.fill('#name', 'Admin');
	await page.fill('#password', 'zabbix');
	await Promise.all([page.waitForNavigation(), page.click('#enter')]);
	console.log('ready');
	await once(process.stdin, 'data');
	await page.goto(`${BASE}zabbix.php?action=map.view&sysmapid=${sysmapid}`);
	await page.locator('.flows-badge-exporting').first().waitFor({timeout: 120000});
	console.log('the map shows who exports');
	await page.screenshot({path: `${process.env.WEIR_SHOTS}/map.png`});
	await page.locator('svg image[data-menu-popup]').nth(Object.keys(DEVICES).indexOf(DEVICE)).click();
	await Promise.all([page.waitForNavigation(), page.locator('.menu-popup a', {hasText: 'Flows (all it exports)'}).click()]);
	await page.frameLocator('#flows-window').locator('tr[data-key="host=198.51.100.40"]').waitFor({timeout: 60000});
	console.log(`${DEVICE} > Flows (all it exports): its hosts are there`);
	await page.screenshot({path: `${process.env.WEIR_SHOTS}/flows.png`});
	console.log('end');
}
finally {
	await browser.close();
	process.exit();
}
