// The collector under test, as its users start it, and exporters that send to it from loopback addresses of their own.
import {spawn} from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import {repo, state, zabbix} from './stack.mjs';
import {datagram, datagramOf} from '../support/zabbix/netflow.mjs';

export const flowPort = zabbix.collectorPort + 10000;
const api = `http://127.0.0.1:${zabbix.collectorPort}`;

let child = null;

const config = `${state}/weir.toml`;
let isWritten = false;

// For a test that does not want to wait, with rules of its own.
const FAST = {
	zabbix: {refresh_ms: 1000, values_ms: 1000, lateness_ms: 2000, compare_window_ms: 300000, compare_lateness_ms: 0, max_retry_ms: 2000},
	alert: {rules: `"${state}/rules"`, lateness_ms: 1000, storm: 1000, max_retry_ms: 2000}
};

// weir.toml as it comes, with these values.
export const writeSettings = (values = FAST) => {
	const web = `${repo}/plugin/web/dist`;
	const wanted = {api: fs.existsSync(web) ? {web_dir: `"${web}"`} : {}, ...values};
	let section = '';

	fs.writeFileSync(config, fs.readFileSync(`${repo}/install/weir.toml`, 'utf8').split('\n').map((line) => {
		section = /^\[(\w+)\]/.exec(line)?.[1] ?? section;
		const key = /^#(\w+) =/.exec(line)?.[1];

		return wanted[section]?.[key] !== undefined ? `${key} = ${wanted[section][key]}` : line;
	}).join('\n'));

	// what an earlier run has stored is not this one's
	fs.rmSync(`${state}/weir`, {recursive: true, force: true});
	fs.rmSync(`${state}/rules`, {recursive: true, force: true});
	fs.cpSync(`${repo}/tests/zabbix/rules`, `${state}/rules`, {recursive: true});

	isWritten = true;

	return config;
};

// With those settings, or with nothing but a secret: that of the test's own folder, unless it is told another.
export const startCollector = async (secret = `${state}/etc/weir/secret`) => {
	const log = fs.openSync(`${state}/log/weir.log`, 'a');
	const web = `${repo}/plugin/web/dist`;

	if (!isWritten) {
		fs.writeFileSync(config, `[api]\nsecret_file = "${secret}"\n${fs.existsSync(web) ? `web_dir = "${web}"\n` : ''}`);
	}

	child = spawn(process.env.WEIR_BIN, ['run', '--data', `${state}/weir`, '--config', config, '--listen', String(flowPort),
		'--api', `127.0.0.1:${zabbix.collectorPort}`], {stdio: ['ignore', log, log]});

	const until = Date.now() + 20000;

	while (Date.now() < until) {
		try {
			if ((await fetch(`${api}/healthz`)).ok) {
				return;
			}
		}
		catch {
			// not there yet
		}
		if (child.exitCode !== null) {
			break;
		}
		await new Promise((resolve) => setTimeout(resolve, 100));
	}

	throw new Error(`the collector does not answer at ${api}; see ${state}/log/weir.log`);
};

export const stopCollector = async (signal = 'SIGTERM') => {
	if (child === null || child.exitCode !== null) {
		return;
	}

	const ended = new Promise((resolve) => child.once('exit', resolve));

	child.kill(signal);
	await ended;
};

// One second of traffic, every second, from each of these addresses: {address: [ifIndex in, ifIndex out]}. Further records of one's own
// go with it, {address: [record…]}; one that is lossy misses every fourth sequence number; one in `silent` sends nothing.
export class Exporters {
	constructor(exporters) {
		this.sockets = new Map();
		this.silent = new Set();
		this.lossy = new Set();
		this.extra = {};
		Object.entries(exporters).forEach(([address, interfaces]) => this.add(address, interfaces));
		this.begun = Date.now();
		this.seconds = 0;
		// Each second once, however late a busy machine lets it be.
		this.timer = setInterval(() => {
			while (this.begun + (this.seconds + 1) * 1000 <= Date.now()) {
				this.seconds++;
				this.send(this.begun + this.seconds * 1000);
			}
		}, 200);
	}

	// Without interfaces it sends only what it is told to.
	add(address, interfaces = null) {
		const socket = dgram.createSocket('udp4');

		socket.bind(0, address);
		this.sockets.set(address, {socket, interfaces, sequence: 0, started: Date.now() - 3600000});
	}

	send(end) {
		for (const [address, one] of this.sockets) {
			if (this.silent.has(address)) {
				continue;
			}
			if (one.interfaces !== null) {
				this.sendDatagram(one, datagram(one.interfaces, one.sequence, Date.now() - one.started, end));
			}
			if (this.lossy.has(address)) {
				one.sequence += 3;
			}
			if (this.extra[address] !== undefined) {
				this.sendRecords(address, this.extra[address], end);
			}
		}
	}

	// Something else that goes on while they export: every ten seconds, and once at once.
	poll(what) {
		what();
		this.polling = setInterval(what, 10000);
	}

	sendRecords(address, records, end) {
		const one = this.sockets.get(address);

		for (let at = 0; at < records.length; at += 30) {
			this.sendDatagram(one, datagramOf(records.slice(at, at + 30), one.sequence, Date.now() - one.started, end));
		}
	}

	sendDatagram(one, {bytes, count}) {
		one.sequence += count;
		one.socket.send(bytes, flowPort, '127.0.0.1');
	}

	stop() {
		clearInterval(this.timer);
		clearInterval(this.polling);
		this.sockets.forEach(({socket}) => socket.close());
		this.sockets.clear();
	}
}

// An exporter as the collector knows it.
export const exporterOf = async (base, token, address) =>
	(await rpc(base, token, 'exporters.list')).result.exporters.find((one) => one.address === address);

export const rpc = async (base, token, method, params = {}) => {
	const answer = await fetch(new URL('flows/rpc', base), {
		method: 'POST', headers: {'Content-Type': 'application/json', Authorization: `Bearer ${token}`},
		body: JSON.stringify({jsonrpc: '2.0', id: 1, method, params})
	});

	return answer.json();
};
