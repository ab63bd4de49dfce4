/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
**
** Monitoring > Flows. Opens the Flows window once both the collector and the way to it through the web server answer, and
** says in the page's box what is wrong while one of them does not.
*/
(() => {
	'use strict';

	const RETRY_MS = 4000;
	const WATCH_MS = 10000;

	const page = document.getElementById('flows');
	const box = document.getElementById('flows-down');
	const frame = document.getElementById('flows-window');

	const showBox = (reason) => {
		box.querySelector('.js-reason').textContent = reason;
		box.hidden = false;
	};

	// Through the web server: costs no PHP and does not prolong the session. A site that answers every address with a page of its
	// own does not answer this.
	const isProxied = async () => {
		try {
			const answer = await fetch('flows/healthz', {cache: 'no-store'});

			return answer.ok && (await answer.text()).trim() === 'ok';
		}
		catch (error) {
			return false;
		}
	};

	const collectorProblem = async () => {
		try {
			const status = await (await fetch('zabbix.php?action=flows.status', {cache: 'no-store'})).json();

			return status.ok ? null : status.message;
		}
		catch (error) {
			return page.dataset.lost;
		}
	};

	const problem = async () => {
		const proxied = await isProxied();

		return proxied ? null : (await collectorProblem()) || page.dataset.proxyError;
	};

	const watch = async () => {
		const reason = await problem();

		if (reason === null) {
			box.hidden = true;
		}
		else {
			showBox(reason);
		}

		setTimeout(watch, WATCH_MS);
	};

	const start = async () => {
		// Without a frame it is PHP that could not ask the collector, whatever the web server's own way is like.
		const reason = await problem() ?? (frame === null ? await collectorProblem() : null);

		if (reason !== null) {
			showBox(reason);
			setTimeout(start, RETRY_MS);

			return;
		}

		if (frame === null) {
			// The page was made without the collector: what it shows was not known.
			location.reload();

			return;
		}

		box.hidden = true;
		frame.src = frame.dataset.src;
		setTimeout(watch, WATCH_MS);
	};

	start();
})();
