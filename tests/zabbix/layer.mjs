// A Debian with Zabbix's own packages, as its administrator has it, to install Weir into: a layer over the root that the stack runs
// in, thrown away afterwards. Its web server is started by tests/support/zabbix/door. Needs "alone".
import {execFile, execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {promisify} from 'node:util';
import {repo, state} from './stack.mjs';

const run = promisify(execFile);
const support = `${repo}/tests/support/zabbix`;

// What running programs write, and what the test itself does.
const NOT_COMPARED = ['dev', 'proc', 'sys', 'run', 'tmp', 'var/log', 'var/lib/php', 'var/lib/nginx', 'var/cache', 'etc/weir-door', state.slice(1), repo.slice(1)];
// Of these the contents are compared too.
const HASHED = ['etc', 'srv', 'usr/share/zabbix', 'usr/local', 'var/www', 'root', 'tmp'];

export class Layer {
	// web: nginx or apache; path: /, /zabbix or /watch (where the frontend is a copy elsewhere). codename and root: those of the Debian below.
	constructor(name, {web, path, codename, root}) {
		Object.assign(this, {web, path, codename});
		this.frontend = path === '/watch' ? '/srv/Zabbix ui (copy)+x' : '/usr/share/zabbix';
		this.dir = `${state}/layers/${name}`;
		this.root = `${this.dir}/root`;
		this.base = path === '/' ? 'http://127.0.0.1/' : `http://127.0.0.1${path}/`;
		fs.mkdirSync(`${this.dir}/upper`, {recursive: true});
		fs.mkdirSync(`${this.dir}/work`, {recursive: true});
		fs.mkdirSync(this.root, {recursive: true});
		execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${root},upperdir=${this.dir}/upper,workdir=${this.dir}/work`, this.root]);
	}

	// A command inside; {code, said}.
	async tries(...command) {
		try {
			const {stdout, stderr} = await run(`${support}/debian`, [this.codename, this.root, 'run', ...command], {maxBuffer: 1 << 26});

			return {code: 0, said: stdout + stderr};
		}
		catch (error) {
			return {code: error.code, said: `${error.stdout}${error.stderr}`};
		}
	}

	async does(...command) {
		const {code, said} = await this.tries(...command);

		if (code !== 0) {
			throw new Error(`${command.join(' ')}: exit code ${code}\n${said}`);
		}

		return said;
	}

	door(verb) {
		return this.does(`${support}/door`, this.web, this.path, verb);
	}

	// Without an option where it has to find the frontend by itself.
	install(...options) {
		return this.does(`${repo}/install/zabbix`, ...(this.path === '/watch' ? ['--frontend', this.frontend] : []), ...options);
	}

	file(path) {
		return `${this.root}${path}`;
	}

	// Every file: name, kind, mode, owner, target of a link; and the contents of those that configure or serve something.
	async listing() {
		const skip = NOT_COMPARED.flatMap((name) => ['-path', `./${name}`, '-prune', '-o']);
		const {stdout: names} = await run('find', ['.', ...skip, '-printf', '%p %y %m %u:%g %l\n'], {cwd: this.root, maxBuffer: 1 << 26});
		const {stdout: hashes} = await run('bash', ['-c', 'find "$@" -type f ! -path etc/weir-door -print0 | xargs -0 sha256sum', '_', ...HASHED.filter((name) => fs.existsSync(`${this.root}/${name}`))],
			{cwd: this.root, maxBuffer: 1 << 26});

		return [...names.trim().split('\n'), ...hashes.trim().split('\n')].sort();
	}

	remove() {
		execFileSync('umount', ['-l', this.root]);
		fs.rmSync(this.dir, {recursive: true, force: true});
	}
}

export const differences = (before, after) => {
	const [one, other] = [new Set(before), new Set(after)];

	return [...before.filter((line) => !other.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !one.has(line)).map((line) => `+ ${line}`)];
};
