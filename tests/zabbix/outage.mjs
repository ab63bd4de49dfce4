// The scripted outage of tests/interop/outage.py, ten minutes long, in a stock Zabbix: minute by minute what SNMP, the API, the command
// line and Zabbix say of it, and in words what the window, the answers and Problems say. Started by "run" as the part outage.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import readline from 'node:readline';
import {promisify} from 'node:util';
import {send, ZabbixApi} from '../support/zabbix/api.mjs';
import {seedDevice} from '../support/zabbix/seed.mjs';
import {startBrowser, stopBrowser, until, User} from './browser.mjs';
import {flowPort, rpc, startCollector, stopCollector, writeSettings} from './collector.mjs';
import {install, installWith, repo, stack, state, zabbix} from './stack.mjs';
import {Tally} from './tally.mjs';

const MINUTE = 60000;
const MINUTES = 10;
const SAMPLED = 'edge';
const SILENT = 'core';
const IN = 'net.if.in[ifHCInOctets.1]';
const PACKETS_OF_A_FLOW = 3;
const FRAME_HEADER = 18;
const OCTETS_OF_A_FLOW = 1000;
// The middle of what a value is about: of an interface the minute before its time, of an exporter that before it was sent.
const VALUE_AGE_S = 30;
// longer than the silence of five minutes, so that Zabbix has something to tell; the default is five
const SILENCE_MAX = '2m';

const tally = new Tally();
const world = {hosts: {}, addresses: {}};

// Octets of frames, as interface counters have them, in bits per second.
const wireRate = (name) => world.begin.octets_per_s * (name === SAMPLED ? world.begin.rate : 1) * 8
	* (1 + PACKETS_OF_A_FLOW * FRAME_HEADER / OCTETS_OF_A_FLOW);

const startExporters = () => {
	const child = spawn('python3', ['-B', `${repo}/tests/interop/outage.py`, '--port', String(flowPort)], {stdio: ['pipe', 'pipe', 'inherit']});

	world.player = child;
	world.lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
};

const told = async () => {
	const {value, done} = await world.lines.next();

	assert.ok(!done, 'the exporters ended early');

	return JSON.parse(value);
};

const inOctets = async (name) => (await world.api.call('item.get', {
	output: ['itemid', 'value_type', 'lastclock'], hostids: world.hosts[name], filter: {key_: 'weir.if.in[1]'}
}))[0];

const links = async () => {
	await install();
	await installWith('zabbix\n', '--collector', writeSettings({}), '--server', `127.0.0.1:${zabbix.trapper}`, '--login', 'Admin');
	await stack('reload');
	world.addresses = {[SAMPLED]: '127.3.0.1', [SILENT]: '127.3.0.2'};
	for (const [name, address] of Object.entries(world.addresses)) {
		world.hosts[name] = await seedDevice(world.api, name, {address, group: 'Core', interfaces: {1: ['Gi0/1', 'lan'], 2: ['Gi0/2', 'uplink']}});
	}
	await world.api.call('usermacro.create', {hostid: world.hosts[SILENT], macro: '{$WEIR.SILENCE.MAX}', value: SILENCE_MAX});
	await startCollector();
	startExporters();
	for (const name of Object.keys(world.hosts)) {
		await until(`${name} has items of its interfaces in Zabbix`, async () => await inOctets(name) !== undefined, 600000);
	}
	// The server takes values of new items a minute later. The sampled one has none yet: its rate is not known.
	const made = Date.now() / 1000 + 60;

	await until(`${SILENT} has values of its interfaces in Zabbix`, async () => Number((await inOctets(SILENT)).lastclock) > made, 600000);
	assert.equal(Number((await inOctets(SAMPLED)).lastclock), 0, 'an exporter whose rate is not known has no value');
};

// SNMP goes on through all of it: it is asked of the devices, not of the collector.
const pollCounters = () => send(zabbix.trapper, Object.keys(world.hosts).map((name) => [name, IN, wireRate(name)]))
	.catch((error) => console.log(`       counters: ${error}`));

const plays = async () => {
	world.player.stdin.write('begin\n');
	world.begin = await told();
	pollCounters();
	world.polling = setInterval(pollCounters, 10000);
	for (;;) {
		const line = await told();

		if (line.event === 'stop') {
			await stopCollector();
		}
		else if (line.event === 'start') {
			await startCollector();
		}
		else {
			world.end = line;
			break;
		}
	}
	clearInterval(world.polling);
	// the last minute has its values when the next one is sent
	await new Promise((resolve) => setTimeout(resolve, 2 * MINUTE));
};

const perMinute = (values, minuteOf) => {
	const sums = Array.from({length: MINUTES}, () => []);

	values.forEach((one) => sums[minuteOf(one)]?.push(one.value));

	return sums.map((list) => (list.length > 0 ? list.reduce((sum, value) => sum + value, 0) / list.length : null));
};

const history = async (name, key, age) => {
	const [item] = await world.api.call('item.get', {output: ['itemid', 'value_type'], hostids: world.hosts[name], filter: {key_: key}});
	const values = await world.api.call('history.get', {output: ['clock', 'value'], history: Number(item.value_type), itemids: item.itemid, limit: 10000,
		time_from: Math.floor(world.begin.at_ms / 1000)});

	return perMinute(values.map((one) => ({clock: Number(one.clock), value: Number(one.value)})),
		({clock}) => Math.floor(((clock - age) * 1000 - world.begin.at_ms) / MINUTE));
};

const rates = (answer, address) => {
	const series = answer.series.find((one) => [one.key.exporter, one.key[0]].includes(address));

	return series.octets.map((octets) => octets * 8 / 60);
};

const run = promisify(execFile);
const weir = async (...args) => (await run(process.env.WEIR_BIN, args, {maxBuffer: 1 << 24})).stdout;
const mbit = (value) => (value === null || value === undefined ? 'no value' : (value / 1e6).toFixed(2)).padStart(9);
const clockTime = (ms) => `${Math.round((ms - world.begin.at_ms) / 1000)} s`;

const sideBySide = async (name) => {
	const address = world.addresses[name];
	const range = {from_ms: world.begin.at_ms, to_ms: world.begin.at_ms + MINUTES * MINUTE};
	const {token} = await world.admin.token();
	const {result} = await rpc(zabbix.base, token, 'flows.top', {range, by: ['exporter'], buckets: MINUTES, filter: `exporter ${address}`});
	const limits = ['--data', `${state}/weir`, '--from', String(range.from_ms), '--to', String(range.to_ms), '--by', 'exporter', '--filter', `exporter ${address}`];
	const columns = {
		SNMP: await history(name, IN, 0),
		API: rates(result, address),
		CLI: rates(JSON.parse(await weir('query', ...limits, '--buckets', String(MINUTES), '--format', 'json')), address),
		Zabbix: await history(name, 'weir.if.in[1]', VALUE_AGE_S)
	};

	console.log(`       ${name}, Mbit/s   ${Object.keys(columns).map((title) => title.padStart(9)).join(' ')}`);
	for (let minute = 0; minute < MINUTES; minute++) {
		console.log(`       minute ${String(minute).padEnd(9)}  ${Object.values(columns).map((values) => mbit(values[minute])).join(' ')}`);
	}
	for (const gap of result.quality.gaps ?? []) {
		console.log(`       API: ${gap.reason} from ${clockTime(gap.from_ms)} to ${clockTime(gap.to_ms)}`);
	}
	const {lost, lost_unit, unsampled, scaled_later, not_heard_ms} = result.quality;

	const losses = (await history(name, 'weir.exporter.loss', VALUE_AGE_S)).map((value) => value ?? 0);

	console.log(`       Zabbix: at most ${Math.max(...losses).toFixed(1)} % lost in a minute`);
	console.log(`       API: ${JSON.stringify({lost, lost_unit, unsampled, scaled_later, not_heard_ms})}`);
	(await weir('query', ...limits, '--format', 'table')).trim().split('\n').slice(2).forEach((line) => console.log(`       CLI: ${line}`));
	const events = await world.api.call('event.get', {output: ['name', 'clock', 'r_eventid'], hostids: world.hosts[name], value: 1, sortfield: 'clock',
		time_from: Math.floor(world.begin.at_ms / 1000), time_till: Math.floor(range.to_ms / 1000)});
	const ends = events.length > 0 ? await world.api.call('event.get', {output: ['clock'], eventids: events.map((one) => one.r_eventid)}) : [];
	const endOf = Object.fromEntries(ends.map((one) => [one.eventid, clockTime(one.clock * 1000)]));

	events.forEach((one) => console.log(`       Problems: ${one.name}, ${clockTime(one.clock * 1000)} to ${endOf[one.r_eventid] ?? 'now'}`));

	await world.admin.open(`zabbix.php?action=flows.view&hostid=${world.hosts[name]}&from=${range.from_ms}&to=${range.to_ms}`);
	await until('the window is up', () => world.admin.flowsWindow(), 120000);
	const line = world.admin.page.frameLocator('#flows-window').getByTestId('quality');

	await line.waitFor();
	await world.admin.page.waitForTimeout(1500);
	console.log(`       window: ${(await line.locator('> span').allInnerTexts()).join(' · ')}`);
	await world.admin.shot(`outage-${name}`);

	return {columns, quality: result.quality, problems: events.map((one) => one.name)};
};

// A busy machine takes longer for a stop and a start.
const upPart = (quality) => 1 - quality.gaps.filter((gap) => gap.reason === 'collector_down').reduce((sum, gap) => sum + gap.to_ms - gap.from_ms, 0) / MINUTE;
const near = (value, wanted, what) => assert.ok(Math.abs(value - wanted) < 0.05 * wanted, `${what}: ${value}, not about ${wanted}`);

const sampledOne = async () => {
	const {columns, quality} = await sideBySide(SAMPLED);
	const flowRate = world.begin.octets_per_s * world.begin.rate * 8;

	columns.SNMP.forEach((value, minute) => near(value, wireRate(SAMPLED), `SNMP in minute ${minute}`));
	columns.API.forEach((value, minute) => near(value, minute === 8 ? flowRate * upPart(quality) : flowRate, `API in minute ${minute}`));
	assert.deepEqual(columns.CLI, columns.API);
	assert.ok(quality.scaled_later > 0 && !quality.unsampled, 'what came before the rate is scaled by it');
	assert.ok(quality.gaps.some((gap) => gap.reason === 'collector_down'), 'the stop is a gap');
	// what came before the rate was known waits for it; what would have been reported while the collector was down is not known
	[0, 1, 2, 3, 4, 5].forEach((minute) => near(columns.Zabbix[minute], flowRate, `Zabbix in minute ${minute}`));
	columns.Zabbix.filter((value) => value !== null).forEach((value) => near(value, flowRate, 'a value in Zabbix'));
	assert.equal(columns.Zabbix[8], null, 'the minute of the stop has no value');
};

const silentOne = async () => {
	const {columns, quality, problems} = await sideBySide(SILENT);
	const flowRate = world.begin.octets_per_s * 8;

	columns.SNMP.forEach((value, minute) => near(value, wireRate(SILENT), `SNMP in minute ${minute}`));
	// what is not known has no value: the silence, then the stop
	[3, 4, 5, 6, 7, 8].forEach((minute) => assert.equal(columns.Zabbix[minute], null, `Zabbix has a value of minute ${minute}`));
	columns.Zabbix.filter((value) => value !== null).forEach((value) => near(value, flowRate, 'a value in Zabbix'));
	[0, 1].forEach((minute) => near(columns.Zabbix[minute], flowRate, `Zabbix in minute ${minute}`));
	[0, 1, 9].forEach((minute) => near(columns.API[minute], flowRate, `API in minute ${minute}`));
	[3, 4, 5, 6, 7].forEach((minute) => assert.ok(columns.API[minute] < 0.01 * flowRate, `nothing came in minute ${minute}`));
	assert.deepEqual(columns.CLI, columns.API);
	assert.equal(quality.lost, world.end.lost);
	const silence = quality.gaps.find((gap) => gap.reason === 'not_heard');

	assert.ok(silence.to_ms - silence.from_ms > 280000, 'the silence of five minutes is a gap');
	assert.ok(quality.gaps.some((gap) => gap.reason === 'collector_down'), 'the stop is a gap');
	assert.ok(problems.some((one) => /is silent/.test(one)), 'Zabbix has the silence as a problem');
};

try {
	await startBrowser();
	world.api = await ZabbixApi.login(zabbix.base);
	world.admin = await User.signIn('Admin', 'zabbix');
	world.admin.page.setDefaultTimeout(120000);
	if (await tally.scenario('two exporters are linked and have values in Zabbix', links) && await tally.scenario('the ten minutes pass', plays)) {
		await tally.scenario('the sampled exporter: SNMP, API, CLI and Zabbix side by side', sampledOne);
		await tally.scenario('the exporter that loses and is silent: the same', silentOne);
	}
}
catch (error) {
	tally.fail('to set up', error);
}
finally {
	clearInterval(world.polling);
	world.player?.kill();
	await stopCollector();
	await stopBrowser();
}

tally.end();
