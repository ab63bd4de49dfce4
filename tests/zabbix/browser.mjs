// Chromium as a user of Zabbix: one context per person, pictures, and the checks that hold on every page.
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';
import {zabbix} from './stack.mjs';

const SHOTS = process.env.WEIR_SHOTS;
let browser = null;

export const startBrowser = async () => {
	browser = await chromium.launch({
		executablePath: process.env.WEIR_CHROMIUM || '/usr/bin/chromium',
		// names below test are this machine; nothing else outside is asked for: Zabbix 7.0 wants map tiles
		args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']
	});
};

export const stopBrowser = () => browser.close();

export class User {
	static async signIn(name, password, base = zabbix.base) {
		const user = new User();

		user.base = base;
		user.context = await browser.newContext({viewport: {width: 1400, height: 800}});
		user.page = await user.context.newPage();
		user.errors = [];
		user.page.on('pageerror', (error) => user.errors.push(error.message));
		user.page.on('dialog', (dialog) => dialog.accept());
		await user.page.goto(base);
		await user.page.fill('#name', name);
		await user.page.fill('#password', password);
		await Promise.all([user.page.waitForNavigation(), user.page.click('#enter')]);

		return user;
	}

	// Opens a page of Zabbix and holds on to what must be true of every page: no red box, no script error.
	async open(query, {refused = false} = {}) {
		await this.page.goto(this.base + query, {waitUntil: 'load'});

		if (!refused) {
			await this.checkPage();
		}
	}

	async checkPage() {
		assert.deepEqual(await this.page.locator('.msg-bad').allInnerTexts(), [], `red boxes at ${this.page.url()}`);
		assert.deepEqual(this.errors, [], `script errors at ${this.page.url()}`);
	}

	// The Flows window inside the page, once it is up: its address after "#", as parameters.
	async flowsWindow() {
		const frame = this.page.frameLocator('#flows-window');

		await frame.getByRole('tab', {name: 'Top Hosts'}).waitFor({timeout: 15000});
		const url = this.page.frames().find((one) => one.url().includes('/flows/')).url();

		return new URLSearchParams(new URL(url).hash.slice(1));
	}

	// Enables every module by Weir that the list of modules knows after a scan of the folder, and returns how many.
	async enableModules() {
		await this.page.goto(`${this.base}zabbix.php?action=module.list`, {waitUntil: 'load'});
		await Promise.all([this.page.waitForNavigation(), this.page.getByRole('button', {name: 'Scan directory'}).click()]);
		const rows = this.page.locator('tbody tr', {hasText: 'by Weir'});

		for (;;) {
			const row = rows.filter({hasText: 'Disabled'}).first();

			if (await row.count() === 0) {
				break;
			}
			await Promise.all([this.page.waitForNavigation(), row.getByText('Disabled').evaluate((link) => link.click())]);
			await this.page.waitForLoadState('load');
		}
		await this.checkPage();

		return rows.filter({hasText: 'Enabled'}).count();
	}

	// What a popup menu offers that is ours: {text: href}.
	async flowEntries() {
		await this.page.locator('.menu-popup').first().waitFor();

		return Object.fromEntries(await this.page.locator('.menu-popup a[href*="flows.view"]').evaluateAll(
			(links) => links.map((link) => [link.textContent, link.getAttribute('href')])
		));
	}

	async closeMenu() {
		await this.page.keyboard.press('Escape');
		await this.page.locator('.menu-popup').first().waitFor({state: 'hidden'}).catch(() => {});
	}

	// GET as this user, without a page: {status, text}.
	async get(query) {
		const answer = await this.context.request.get(this.base + query);

		return {status: answer.status(), text: await answer.text()};
	}

	async token() {
		const {token} = JSON.parse((await this.get('zabbix.php?action=flows.token')).text);

		return {token, claims: JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())};
	}

	shot(name, options = {}) {
		return this.page.screenshot({path: `${SHOTS}/${name}.png`, ...options});
	}

	close() {
		return this.context.close();
	}
}

export const until = async (what, condition, timeout = 30000) => {
	const end = Date.now() + timeout;
	let last;

	while (Date.now() < end) {
		try {
			last = await condition();
			if (last) {
				return last;
			}
		}
		catch (error) {
			last = error.message;
		}
		await new Promise((resolve) => setTimeout(resolve, 300));
	}

	throw new Error(`${what}: not within ${timeout / 1000} s (last: ${last})`);
};
