// The collector under test, as its users start it, and exporters that send to it from loopback addresses of their own.
import {spawn} from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import {repo, state, zabbix} from './stack.mjs';
import {datagram} from '../support/zabbix/netflow.mjs';

const flowPort = zabbix.collectorPort + 10000;
const api = `http://127.0.0.1:${zabbix.collectorPort}`;

let child = null;

// With the secret of the test's own folder, unless it is told another.
export const startCollector = async (secret = `${state}/etc/weir/secret`) => {
	const config = `${state}/weir.toml`;
	const web = `${repo}/plugin/web/dist`;
	const log = fs.openSync(`${state}/log/weir.log`, 'a');

	fs.writeFileSync(config, `[api]\nsecret_file = "${secret}"\n${fs.existsSync(web) ? `web_dir = "${web}"\n` : ''}`);
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

export const stopCollector = async () => {
	if (child === null || child.exitCode !== null) {
		return;
	}

	const ended = new Promise((resolve) => child.once('exit', resolve));

	child.kill('SIGTERM');
	await ended;
};

// One second of traffic, every second, from each of these addresses: {address: [ifIndex in, ifIndex out]}.
export class Exporters {
	constructor(exporters) {
		this.sockets = Object.entries(exporters).map(([address, interfaces]) => {
			const socket = dgram.createSocket('udp4');

			socket.bind(0, address);
			return {socket, interfaces, sequence: 0, started: Date.now() - 3600000};
		});
		this.timer = setInterval(() => this.send(), 1000);
	}

	send() {
		for (const one of this.sockets) {
			const {bytes, count} = datagram(one.interfaces, one.sequence, Date.now() - one.started);

			one.sequence += count;
			one.socket.send(bytes, flowPort, '127.0.0.1');
		}
	}

	stop() {
		clearInterval(this.timer);
		this.sockets.splice(0).forEach(({socket}) => socket.close());
	}
}

export const rpc = async (base, token, method, params = {}) => {
	const answer = await fetch(new URL('flows/rpc', base), {
		method: 'POST', headers: {'Content-Type': 'application/json', Authorization: `Bearer ${token}`},
		body: JSON.stringify({jsonrpc: '2.0', id: 1, method, params})
	});

	return answer.json();
};
