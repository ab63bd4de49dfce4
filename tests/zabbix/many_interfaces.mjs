// A switch with 200 interfaces, of which 12 export flows, and a collector with its default settings: what is a problem after a quarter of
// an hour. SNMP counts traffic on all of them. Started by "run" as the part many-interfaces.
import assert from 'node:assert/strict';
import {send, ZabbixApi} from '../support/zabbix/api.mjs';
import {seedDevice} from '../support/zabbix/seed.mjs';
import {until} from './browser.mjs';
import {Exporters, startCollector, stopCollector, writeSettings} from './collector.mjs';
import {install, installWith, zabbix} from './stack.mjs';
import {Tally} from './tally.mjs';

const SWITCH = {name: 'big-switch', address: '127.0.0.14'};
const INTERFACES = 200;
const EXPORTING = 12;
const OCTETS = 12500;
const MINUTES = 15;

const bps = (octets) => Math.round((octets + 18 * octets / 1000) * 8);
const numbers = (count) => Array.from({length: count}, (_, index) => index + 1);
const tally = new Tally();
const world = {};

const links = async () => {
	const config = writeSettings({});

	await install();
	await installWith('zabbix\n', '--collector', config, '--server', `127.0.0.1:${zabbix.trapper}`, '--login', 'Admin');
	world.hostid = await seedDevice(world.api, SWITCH.name, {
		address: SWITCH.address, group: 'Core', interfaces: Object.fromEntries(numbers(INTERFACES).map((index) => [index, [`Gi1/0/${index}`, `port ${index}`]]))
	});
	await startCollector();
	world.exporters = new Exporters({[SWITCH.address]: null});
	world.exporters.extra[SWITCH.address] = numbers(EXPORTING / 2).flatMap((pair) => {
		const record = (from, to, inIf, outIf) => ({from, to, fromPort: 50000 + pair, toPort: 443, octets: OCTETS, inIf, outIf, seconds: 1});

		return [record('10.4.7.30', `203.0.113.${pair}`, 2 * pair - 1, 2 * pair), record('10.4.7.31', `203.0.113.${pair}`, 2 * pair, 2 * pair - 1)];
	});
	world.exporters.poll(() => send(zabbix.trapper, numbers(INTERFACES).flatMap((index) => [
		[SWITCH.name, `net.if.in[ifHCInOctets.${index}]`, bps(OCTETS)], [SWITCH.name, `net.if.out[ifHCOutOctets.${index}]`, bps(OCTETS)]
	])).catch((error) => console.log(`       counters: ${error}`)));
	await until('the switch has the template, without a click', async () =>
		(await world.api.call('host.get', {hostids: world.hostid, output: ['host'], selectParentTemplates: ['host']}))[0].parentTemplates.some((one) => one.host === 'Weir exporter'), 300000);
	world.linked = Date.now();
};

const lastOf = async (key) => (await world.api.call('item.get', {output: ['lastvalue'], hostids: world.hostid, filter: {key_: key}}))[0]?.lastvalue ?? '';

const floods = async () => {
	let found = [];

	for (let minute = 1; minute <= MINUTES; minute++) {
		await new Promise((resolve) => setTimeout(resolve, world.linked + minute * 60000 - Date.now()));
		found = await world.api.call('problem.get', {output: ['name'], hostids: world.hostid});
		const items = await world.api.call('item.get', {countOutput: true, hostids: world.hostid, search: {key_: 'weir.if.'}, startSearch: true});

		console.log(`       ${minute} min: ${found.length} problems, ${items} items of interfaces, ${await lastOf('weir.verdicts.count') || 'no'} interfaces that disagree`);
	}
	const verdicts = await world.api.call('item.get', {output: ['lastvalue'], hostids: world.hostid, search: {key_: 'weir.if.verdict['}, startSearch: true});
	const words = new Map();

	for (const text of verdicts.map((one) => one.lastvalue.replace(/[\d.]+/g, 'N') || 'none yet')) {
		words.set(text, (words.get(text) ?? 0) + 1);
	}
	console.log(`       verdicts: ${[...words].map(([text, count]) => `${count} x ${text}`).join('; ')}`);
	assert.deepEqual(found.map((one) => one.name), []);
	assert.equal(verdicts.filter((one) => /^fine/.test(one.lastvalue)).length, EXPORTING);
};

try {
	world.api = await ZabbixApi.login(zabbix.base);
	if (await tally.scenario('a switch with 200 interfaces is linked', links)) {
		await tally.scenario(`${MINUTES} minutes later nothing of it is a problem`, floods);
	}
}
catch (error) {
	tally.fail('to set up', error);
}
finally {
	world.exporters?.stop();
	await stopCollector();
}

tally.end();
