// The Zabbix under test: its addresses, and the commands of tests/support/zabbix/stack, wherever that runs (here or in a root).
import {execFile, execFileSync} from 'node:child_process';
import {promisify} from 'node:util';
import {fileURLToPath} from 'node:url';

const run = promisify(execFile);
const command = process.env.ZABBIX_STACK.trim().split('\n');

export const repo = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const state = process.env.WEIR_ZABBIX_STATE;

// the way into the Debian of the stack, and the installer there
const insideCommand = [...command.slice(0, -1), `${repo}/install/zabbix`];

export const stack = async (...args) => (await run(command[0], [...command.slice(1), ...args])).stdout;

const variables = Object.fromEntries(
	execFileSync(command[0], [...command.slice(1), 'env'], {encoding: 'utf8'}).trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2))
);

const bases = {
	'nginx /': variables.ZABBIX_ROOT_URL,
	'nginx /zabbix': variables.ZABBIX_PATH_URL,
	'apache /': variables.ZABBIX_APACHE_ROOT_URL,
	'apache /zabbix': variables.ZABBIX_APACHE_URL
};

export const zabbix = {
	release: variables.ZABBIX_RELEASE,
	isOld: variables.ZABBIX_RELEASE === '6.0',
	frontend: variables.ZABBIX_FRONTEND,
	trapper: Number(variables.ZABBIX_TRAPPER_PORT),
	collectorPort: Number(variables.ZABBIX_SIDECAR_PORT),
	// where the scenarios are played, and the four ways to serve the frontend
	base: bases[process.env.WEIR_ZABBIX_DOOR || 'nginx /'],
	bases
};

// install/zabbix on the test's copy of the frontend and below its own etc, in the Debian that these are in, with what is
// typed; returns what it said.
export const installWith = async (typed, ...args) => {
	const running = run(insideCommand[0], [
		...insideCommand.slice(1), '--frontend', zabbix.frontend, '--etc', `${state}/etc`, '--sidecar', `http://127.0.0.1:${zabbix.collectorPort}`, '--no-reload', ...args
	]);

	running.child.stdin.end(typed);

	return (await running).stdout;
};

export const install = (...args) => installWith('', ...args);
