<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData;
use Modules\Weir\Lib\AnyMonitor\Cache;
use Modules\Weir\Lib\{ConnectionChecks, Secret, Settings, Sidecar, SidecarException, Token};

/**
 * The button "Test": every part of the way from this page to the collector and back that PHP can see. The browser adds its own
 * part, see assets/js/settings.js. Tests what is saved: an address from the request could be anyone's, and would get a token.
 */
class FlowsSettingsTest extends ReadAction {

	// A test may be patient, in seconds.
	private const TIMEOUT = 2.0;

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	protected function doAction(): void {
		Cache::clear();
		$problem = Secret::problem();
		$checks = [ConnectionChecks::check($problem === null,
			$problem ?? _s('The secret %1$s can be read by the web server, and only by it.', Settings::get()['secret_file'])
		)];
		$reached = false;

		if ($problem === null) {
			try {
				$checks = array_merge($checks, self::collector());
				$reached = true;
			}
			catch (SidecarException $e) {
				$checks[] = ConnectionChecks::check(false, $e->getMessage());
			}
		}

		$url = Settings::get()['sidecar_url'];
		$installed = Settings::installedUrl() ?? $url;

		if ($installed !== $url) {
			$checks[] = ConnectionChecks::check(false, _s(
				'This page asks %1$s, but the installer told the web server to pass flows/ on to %2$s.', $url, $installed
			).' '._s('If that is not the same collector: install/zabbix --sidecar %1$s', $url));
		}

		$this->setResponse(new CControllerResponseData(['main_block' => json_encode(compact('checks', 'reached'))]));
	}

	/**
	 * @throws SidecarException
	 */
	private static function collector(): array {
		$asked = microtime(true);
		$status = Sidecar::call('status.get', [], Token::forModule(), self::TIMEOUT);
		$took = (int) round((microtime(true) - $asked) * 1000);

		return array_merge(
			[ConnectionChecks::check(true, _s('The collector %1$s answers at %2$s, in %3$s ms, and takes our token.',
				$status['version'], Settings::get()['sidecar_url'], $took
			))],
			ConnectionChecks::clocks($status),
			ConnectionChecks::zabbix($status)
		);
	}
}
