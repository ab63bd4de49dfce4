/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
**
** Administration > General > Flows: the button "Test". PHP checks its way to the collector, then the browser its own: the
** proxied pages and the WebSocket through the web server.
*/
(() => {
	'use strict';

	const WEBSOCKET_MS = 3000;

	const list = document.getElementById('flows-test');
	const button = document.getElementById('flows-test-button');

	const show = (ok, text) => {
		const item = document.createElement('li');

		item.className = ok ? 'ok' : 'bad';
		item.textContent = text;
		list.append(item);
	};

	// What a web server says that passes flows/ on to a collector that does not answer.
	const GATEWAY_ERRORS = [502, 503, 504];

	// `reached`: PHP has found the collector. If it has not, what the web server says of it is no news.
	const checkProxy = async (reached) => {
		let ok = false;
		let status = 0;

		try {
			const answer = await fetch('flows/healthz', {cache: 'no-store'});

			status = answer.status;
			ok = answer.ok && (await answer.text()).trim() === 'ok';
		}
		catch (error) {
			ok = false;
		}

		if (ok || !GATEWAY_ERRORS.includes(status)) {
			show(ok, ok ? list.dataset.proxyOk : list.dataset.proxyBad);
		}
		else if (reached) {
			show(false, list.dataset.proxyElsewhere);
		}

		return ok;
	};

	const login = (token) => new Promise((resolve) => {
		const url = new URL('flows/ws', document.baseURI);

		url.protocol = url.protocol.replace(/^http/, 'ws');

		const socket = new WebSocket(url);
		const timer = setTimeout(() => finish(false), WEBSOCKET_MS);
		const finish = (ok) => {
			clearTimeout(timer);
			socket.onclose = null;
			socket.close();
			resolve(ok);
		};

		socket.onopen = () => socket.send(JSON.stringify({
			jsonrpc: '2.0', id: 1, method: 'auth.login', params: {token}
		}));
		socket.onmessage = (event) => finish(JSON.parse(event.data).result !== undefined);
		socket.onclose = () => finish(false);
	});

	const checkWebSocket = async () => {
		const answer = await (await fetch('zabbix.php?action=flows.token', {cache: 'no-store'})).json();
		const ok = answer.token !== undefined && await login(answer.token);

		show(ok, ok ? list.dataset.socketOk : list.dataset.socketBad);
	};

	const test = async () => {
		button.disabled = true;
		list.replaceChildren();

		try {
			const answer = await (await fetch('zabbix.php?action=flows.settings.test', {cache: 'no-store'})).json();

			answer.checks.forEach(({ok, text}) => show(ok, text));

			if (await checkProxy(answer.reached) && answer.reached) {
				await checkWebSocket();
			}
		}
		catch (error) {
			show(false, String(error));
		}

		button.disabled = false;
	};

	button.addEventListener('click', test);
})();
