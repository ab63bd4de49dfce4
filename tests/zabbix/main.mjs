// Runs the scenarios in order, each building on what the ones before it left, and counts. Started by "run".
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {seed, NAMED_EXPORTER, UNKNOWN_EXPORTER} from '../support/zabbix/seed.mjs';
import {startBrowser, stopBrowser} from './browser.mjs';
import {Exporters, startCollector, stopCollector} from './collector.mjs';
import {stack, zabbix} from './stack.mjs';
import {scenarios as setup} from './scenarios_setup.mjs';
import {scenarios as use} from './scenarios_use.mjs';
import {scenarios as rights} from './scenarios_rights.mjs';
import {scenarios as alerts} from './scenarios_alerts.mjs';
import {scenarios as life} from './scenarios_life.mjs';

const world = {};
let passed = 0;
let failed = 0;

const scenario = async ([name, body]) => {
	const started = Date.now();

	try {
		await body(world);
		passed++;
		console.log(`ok     ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
	}
	catch (error) {
		failed++;
		console.log(`FAILED ${name}\n${String(error.stack || error).replace(/^/gm, '       ')}`);
		await world.admin?.shot(`failed-${failed}`).catch(() => {});
	}
};

console.log(`Zabbix ${zabbix.release} at ${zabbix.base}`);
await startBrowser();

try {
	world.api = await ZabbixApi.login(zabbix.base);
	world.ids = await seed(world.api);

	for (const one of setup.slice(0, 1)) {
		await scenario(one);
	}

	// the installer has made the secret that the collector needs
	await stack('reload');
	await startCollector();
	world.exporters = new Exporters({
		'127.0.0.11': [1, 3], '127.0.0.12': [1, 2], [NAMED_EXPORTER[0]]: [1, 2], [UNKNOWN_EXPORTER]: [1, 2]
	});

	for (const one of [...setup.slice(1), ...use, ...rights, ...alerts, ...life]) {
		await scenario(one);
	}
}
catch (error) {
	failed++;
	console.log(`FAILED to set up\n${error.stack}`);
}
finally {
	world.exporters?.stop();
	await stopCollector();
	await stopBrowser();
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
