// Runs the scenarios in order, each building on what the ones before it left, and counts. Started by "run". With WEIR_ZABBIX_ONLY those of
// the set-up, and of the others the ones whose names it matches.
import {ZabbixApi} from '../support/zabbix/api.mjs';
import {seed, NAMED_EXPORTER, UNKNOWN_EXPORTER} from '../support/zabbix/seed.mjs';
import {startBrowser, stopBrowser} from './browser.mjs';
import {Exporters, startCollector, stopCollector} from './collector.mjs';
import {stack, zabbix} from './stack.mjs';
import {Tally} from './tally.mjs';
import {doors, scenarios as setup} from './scenarios_setup.mjs';
import {scenarios as use} from './scenarios_use.mjs';
import {scenarios as rights} from './scenarios_rights.mjs';
import {scenarios as alerts} from './scenarios_alerts.mjs';
import {scenarios as monitor} from './scenarios_monitor.mjs';
import {scenarios as connection} from './scenarios_connection.mjs';
import {scenarios as life} from './scenarios_life.mjs';
import {scenarios as scripts} from './scenarios_scripts.mjs';

const world = {};
const only = new RegExp(process.env.WEIR_ZABBIX_ONLY || '');
const chosen = (...lists) => lists.flat().filter(([name]) => only.test(name));
const tally = new Tally();
const scenario = ([name, body]) => tally.scenario(name, () => body(world), (number) => world.admin?.shot(`failed-${number}`));

console.log(`Zabbix ${zabbix.release} at ${zabbix.base}`);
await startBrowser();

try {
	world.api = await ZabbixApi.login(zabbix.base);
	world.ids = await seed(world.api);

	for (const one of setup.slice(0, 2)) {
		await scenario(one);
	}

	// the installer has made the secret and the token that the collector needs
	await stack('reload');
	await startCollector();
	world.exporters = new Exporters({
		'127.0.0.11': [1, 3], '127.0.0.12': [1, 2], [NAMED_EXPORTER[0]]: [1, 2], [UNKNOWN_EXPORTER]: [1, 2]
	});

	for (const one of [...setup.slice(2), ...chosen(doors, use, rights, alerts, monitor, connection, scripts, life)]) {
		await scenario(one);
	}
}
catch (error) {
	tally.fail('to set up', error);
}
finally {
	world.exporters?.stop();
	await stopCollector();
	await stopBrowser();
}

tally.end();
