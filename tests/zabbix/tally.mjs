// Runs scenarios, one after the other, and counts. The last line of a run is the tally's.
export class Tally {
	passed = 0;
	failed = 0;

	// True when it passed. onFailure may keep what a person would look at.
	async scenario(name, body, onFailure = () => {}) {
		const started = Date.now();

		try {
			await body();
			this.passed++;
			console.log(`ok     ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);

			return true;
		}
		catch (error) {
			this.fail(name, error);
			await Promise.resolve(onFailure(this.failed)).catch(() => {});

			return false;
		}
	}

	fail(name, error) {
		this.failed++;
		console.log(`FAILED ${name}\n${String(error.stack || error).replace(/^/gm, '       ')}`);
	}

	end() {
		console.log(`${this.passed} passed, ${this.failed} failed`);
		process.exitCode = this.failed === 0 ? 0 : 1;
	}
}
