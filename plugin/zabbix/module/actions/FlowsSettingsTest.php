<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData;
use Modules\Weir\Lib\{Cache, ExporterLinks, Secret, Settings, Sidecar, SidecarException, Token};

/**
 * The button "Test": every part of the way from this page to the collector that PHP can see. The browser adds its own
 * part, see assets/js/settings.js. Tests what is saved: an address from the request could be anyone's, and would get a token.
 */
class FlowsSettingsTest extends ReadAction {

	// A test may be patient, in seconds.
	private const TIMEOUT = 2.0;

	// Tokens live for a minute or so; clocks that differ by more than this end them early.
	private const MAX_CLOCK_DIFFERENCE_MS = 10000;

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	protected function doAction(): void {
		Cache::clear();
		$checks = [];
		$problem = Secret::problem();
		$checks[] = self::check($problem === null,
			$problem ?? _s('The secret %1$s can be read by the web server, and only by it.', Settings::get()['secret_file'])
		);

		if ($problem === null) {
			try {
				$checks = array_merge($checks, self::collector());
			}
			catch (SidecarException $e) {
				$checks[] = self::check(false, $e->getMessage());
			}
		}

		$url = Settings::get()['sidecar_url'];
		$installed = Settings::installedUrl() ?? $url;

		if ($installed !== $url) {
			$checks[] = self::check(false, _s(
				'This page asks %1$s, but the installer told the web server to pass flows/ on to %2$s.', $url, $installed
			).' '._s('If that is not the same collector: install/zabbix --sidecar %1$s', $url));
		}

		$this->setResponse(new CControllerResponseData(['main_block' => json_encode(['checks' => $checks])]));
	}

	/**
	 * @throws SidecarException
	 */
	private static function collector(): array {
		$asked = microtime(true);
		$status = Sidecar::call('status.get', [], Token::forModule(), self::TIMEOUT);
		$took = (int) round((microtime(true) - $asked) * 1000);
		$apart = abs((int) ($status['now_ms'] - microtime(true) * 1000));
		$links = count(ExporterLinks::all());
		$exporters = count(Sidecar::exporters());

		return [
			self::check(true, _s('The collector %1$s answers at %2$s, in %3$s ms, and takes our token.',
				$status['version'], Settings::get()['sidecar_url'], $took
			)),
			self::check($apart <= self::MAX_CLOCK_DIFFERENCE_MS, _s('The clocks are %1$s ms apart.', $apart).(
				$apart <= self::MAX_CLOCK_DIFFERENCE_MS ? '' : ' '._('Let NTP set those of both machines: tokens end by the clock.')
			)),
			self::check($exporters > 0, $exporters > 0
				? _s('%1$s exporters are known, %2$s of them linked to hosts.', $exporters, $links)
				: _('No exporter has sent anything yet. Point NetFlow or IPFIX (port 2055) or sFlow (6343) to the collector.')
			)
		];
	}

	private static function check(bool $ok, string $text): array {
		return ['ok' => $ok, 'text' => $text];
	}
}
