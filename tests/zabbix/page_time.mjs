// What the module adds to the pages of Zabbix: the same request with the module on and off, in turns within a second, so that whatever
// else the machine does meets both. Used by the scenarios, and by itself: page_time.mjs [ROUNDS] (default 200), started by "run".
import assert from 'node:assert/strict';
import net from 'node:net';
import {fileURLToPath} from 'node:url';
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {seed} from '../support/zabbix/seed.mjs';
import {until} from './browser.mjs';
import {Exporters, startCollector, stopCollector} from './collector.mjs';
import {install, stack, zabbix} from './stack.mjs';
import {Tally} from './tally.mjs';

const BUDGET_MS = 20;

const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(values.length * part)];

export const pagesOf = (ids) => ({
	dashboard: 'zabbix.php?action=dashboard.view&dashboardid=1',
	hosts: 'zabbix.php?action=host.view',
	problems: 'zabbix.php?action=problem.view&filter_name=',
	map: `zabbix.php?action=map.view&sysmapid=${ids.sysmapid}`
});

// Per page the times in ms of "rounds" requests with the module off and on: {name: [[off…], [on…]]}. get(query): the text of a page.
export const measure = async (api, get, pages, rounds) => {
	const modules = await api.call('module.get', {output: ['moduleid', 'id']});
	const ours = modules.filter((one) => one.id.startsWith('weir')).map(({moduleid}) => moduleid);
	const turn = (status) => api.call('module.update', ours.map((moduleid) => ({moduleid, status})));
	const times = Object.fromEntries(Object.keys(pages).map((name) => [name, [[], []]]));

	assert.ok(ours.length > 0, 'the module is not known to Zabbix');

	// the first round fills caches and is not counted
	for (let round = 0; round <= rounds; round++) {
		for (const status of round % 2 ? [0, 1] : [1, 0]) {
			await turn(status);
			for (const [name, query] of Object.entries(pages)) {
				const started = process.hrtime.bigint();
				const text = await get(query);
				const took = Number(process.hrtime.bigint() - started) / 1e6;

				// its entry in the menu says whether it was on
				assert.equal(/action=flows\.view/.test(text), status === 1, query);
				if (round > 0) {
					times[name][status].push(took);
				}
			}
		}
	}
	await turn(1);

	return times;
};

// Of two series that were measured in turns: the medians, and the median of the differences within the turns.
const compare = ([off, on]) => ({
	off: quantile(off, 0.5), on: quantile(on, 0.5), added: quantile(on.map((value, number) => value - off[number]), 0.5)
});

export const describe = (times) => Object.entries(times).map(([name, series]) => {
	const {off, on, added} = compare(series);

	return `       ${name.padEnd(10)} off ${off.toFixed(1)}, on ${on.toFixed(1)}, added ${added.toFixed(1)} ms (medians of ${series[0].length})`;
}).join('\n');

// By the medians, or of few requests on a busy machine by their fastest tenths: other work only ever adds.
export const judge = (times, part = 0.5) => {
	for (const [name, [off, on]] of Object.entries(times)) {
		const added = quantile(on, part) - quantile(off, part);

		assert.ok(added < BUDGET_MS, `${name}: ${added.toFixed(1)} ms are added`);
	}
};

// A signed-in session without a browser: get(query) throws unless it is answered with a page of the signed-in user.
const signIn = async () => {
	const login = await fetch(`${zabbix.base}index.php`, {
		method: 'POST', redirect: 'manual', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: 'name=Admin&password=zabbix&enter=Sign+in'
	});
	const cookie = login.headers.getSetCookie().map((one) => one.split(';')[0]).filter((one) => one.startsWith('zbx_session=')).pop();

	return async (query, options = {}) => {
		const answer = await fetch(zabbix.base + query, {...options, headers: {...options.headers, Cookie: cookie}});
		const text = await answer.text();

		assert.ok(answer.ok && !text.includes('id="password"'), `${query}: ${answer.status}`);

		return text;
	};
};

// What listens where the collector should, takes connections, and never answers.
const silentCollector = () => new Promise((resolve, reject) => {
	const sockets = new Set();
	const server = net.createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
	}).on('error', reject);

	server.asked = () => sockets.size;
	server.end = () => {
		sockets.forEach((socket) => socket.destroy());
		server.close();
	};
	server.listen(zabbix.collectorPort, '127.0.0.1', () => resolve(server));
});

const timesOf = async (rounds, body) => {
	const times = [];

	for (let round = 0; round < rounds; round++) {
		const started = process.hrtime.bigint();

		await body();
		times.push(Number(process.hrtime.bigint() - started) / 1e6);
	}

	return times;
};

const main = async (rounds) => {
	const tally = new Tally();
	let exporters = null;

	console.log(`Zabbix ${zabbix.release} at ${zabbix.base}, ${rounds} rounds`);
	try {
		const api = await ZabbixApi.login(zabbix.base);
		const ids = await seed(api);
		const pages = pagesOf(ids);

		await install();
		await stack('reload');
		await startCollector();
		exporters = new Exporters({'127.0.0.11': [1, 3], '127.0.0.12': [1, 2]});
		for (const [id, folder] of [['weir', 'weir'], ...(zabbix.isOld ? [] : [['weir_widget', 'weir_widget']])]) {
			await api.ensure('module', 'moduleid', {id}, {id, relative_path: zabbix.isOld ? folder : `modules/${folder}`, status: 1, config: {}});
		}
		const get = await signIn();
		// 6.0 wants its "sid", which every page carries
		const [, sid] = (await get('zabbix.php?action=host.view')).match(/name="csrf-token" content="(\w+)"/) ?? [];
		const popup = () => get(`zabbix.php?action=menu.popup${sid ? `&sid=${sid}` : ''}`, {
			method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded', 'X-Requested-With': 'XMLHttpRequest'},
			body: `type=host&data%5Bhostid%5D=${ids.hosts['edge-r1']}`
		});
		const scenario = (state) => tally.scenario(`pages, ${state}: less than ${BUDGET_MS} ms are added`, async () => {
			const times = await measure(api, get, pages, rounds);

			console.log(describe(times));
			judge(times);
		});
		const menus = (state, limits) => tally.scenario(`menus of a device, ${state}`, async () => {
			const times = await timesOf(rounds, popup);
			const [half, most] = [quantile(times, 0.5), Math.max(...times)];

			console.log(`       median ${half.toFixed(1)}, slowest ${most.toFixed(1)} ms`);
			limits(half, most, await popup());
		});

		// the module as it works: the page and a menu have something of it
		assert.match(await get('zabbix.php?action=host.view'), /action=flows\.view/);
		assert.match(await popup(), /flows\.view/);

		await scenario('with the collector');
		await menus('with the collector', (half, most, text) => assert.match(text, /flows\.view/));
		await stopCollector();
		await scenario('nothing listens there');
		await until('what the frontend has cached is forgotten', async () => !/flows\.view/.test(await popup()), 15000);
		await menus('nothing listens there', (half, most, text) => assert.doesNotMatch(text, /flows\.view/));

		const silent = await silentCollector();

		await new Promise((resolve) => setTimeout(resolve, 6000));
		await scenario('a collector that never answers');
		await menus('a collector that never answers', (half, most, text) => {
			assert.doesNotMatch(text, /flows\.view/);
			assert.ok(silent.asked() > 0, 'nobody has asked it');
			assert.ok(half < 200, 'the time-out is not remembered');
		});
		silent.end();
	}
	catch (error) {
		tally.fail('to set up', error);
	}
	finally {
		exporters?.stop();
		await stopCollector();
	}
	tally.end();
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	await main(Number(process.argv[2] || 200));
}
