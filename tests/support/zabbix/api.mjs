// The two ways into a Zabbix that the tests use: its JSON-RPC API (6.0 and 7.0) and the trapper of its server.
import net from 'node:net';

// 6.0 takes the session as "auth" in the request, 6.4 and later as a header, and these methods take none at all.
const WITHOUT_SESSION = ['user.login', 'apiinfo.version'];

export class ZabbixApi {
	static async login(base, username = 'Admin', password = 'zabbix') {
		const api = new ZabbixApi();
		api.url = new URL('api_jsonrpc.php', base).href;
		api.version = (await api.call('apiinfo.version', {})).split('.').slice(0, 2).map(Number);
		api.session = await api.call('user.login', {username, password});

		return api;
	}

	// The same API, as whoever the token is of.
	withToken(token) {
		return Object.assign(new ZabbixApi(), this, {session: token});
	}

	isBefore(major, minor) {
		return this.version[0] < major || (this.version[0] === major && this.version[1] < minor);
	}

	async call(method, params) {
		const body = {jsonrpc: '2.0', id: 1, method, params};
		const headers = {'Content-Type': 'application/json-rpc'};

		if (!WITHOUT_SESSION.includes(method)) {
			if (this.isBefore(6, 4)) {
				body.auth = this.session;
			}
			else {
				headers.Authorization = `Bearer ${this.session}`;
			}
		}

		const answer = await (await fetch(this.url, {method: 'POST', headers, body: JSON.stringify(body)})).json();

		if (answer.error) {
			throw new Error(`${method}: ${answer.error.message} ${answer.error.data}`);
		}

		return answer.result;
	}

	// The object with this name, made when it is missing; its id either way.
	async ensure(object, id, filter, params) {
		const found = await this.call(`${object}.get`, {output: [id], filter});

		return found.length > 0 ? found[0][id] : (await this.call(`${object}.create`, params))[`${id}s`][0];
	}
}

let lastStamp = 0;

// Each value a stamp of its own, later than the one before: of two with the same stamp the server knows no order, and a trigger
// may see the wrong one as the last.
const stamp = () => {
	lastStamp = Math.max(lastStamp + 1, Date.now() * 1000);

	return {clock: Math.floor(lastStamp / 1e6), ns: (lastStamp % 1e6) * 1000};
};

// Send values to the trapper: rows of [host, key, value] or, for the past, [host, key, value, epoch seconds]. Zabbix protocol: "ZBXD", flags, two 32-bit lengths, JSON.
export const send = (port, rows) => new Promise((resolve, reject) => {
	const body = Buffer.from(JSON.stringify({
		request: 'sender data',
		data: rows.map(([host, key, value, clock]) => ({host, key, value: String(value), ...(clock ? {clock, ns: 0} : stamp())}))
	}));
	const header = Buffer.alloc(13);
	header.write('ZBXD\x01', 'latin1');
	header.writeUInt32LE(body.length, 5);

	const chunks = [];
	const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.concat([header, body])));
	socket.setTimeout(5000, () => socket.destroy(new Error('the trapper does not answer')));
	socket.on('data', (chunk) => chunks.push(chunk));
	socket.on('error', reject);
	socket.on('end', () => {
		try {
			resolve(JSON.parse(Buffer.concat(chunks).subarray(13).toString()));
		}
		catch {
			reject(new Error(`the trapper closed the connection in the midst of its answer, after ${Buffer.concat(chunks).length} octets`));
		}
	});
});
