<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

/**
 * What is right and wrong between collector and Zabbix, each with the way to correct it: for the settings page and its
 * button "Test".
 */
class ConnectionChecks {

	// Tokens live for a minute or so; clocks that differ by more than this end them early.
	private const MAX_CLOCK_DIFFERENCE_MS = 10000;

	/**
	 * @param array $status  The collector's answer to status.get, just now.
	 *
	 * @return array  Of ['ok' => bool, 'text' => string].
	 */
	public static function clocks(array $status): array {
		$apart = abs((int) ($status['now_ms'] - microtime(true) * 1000));
		$ok = $apart <= self::MAX_CLOCK_DIFFERENCE_MS;

		return [self::check($ok, _s('The clocks are %1$s ms apart.', $apart).(
			$ok ? '' : ' '._('Let NTP set those of both machines: tokens end by the clock.')
		))];
	}

	/**
	 * The collector's side of Zabbix: its API token, the server that takes values, templates, links, and whether it has to be
	 * restarted.
	 *
	 * @throws SidecarException
	 */
	public static function zabbix(array $status): array {
		$monitor = $status['monitor'] ?? null;

		if ($monitor === null) {
			return array_merge(self::templates(), self::links());
		}

		return array_merge(
			($status['restart_reason'] ?? null) !== null
				? [self::check(false, _s('Restart the collector: %1$s.', $status['restart_reason']).' '
					._('On its machine: systemctl restart weir, or end "weir run" and start it again.')
				)]
				: [],
			self::api($monitor['api']),
			self::values($monitor['values']),
			self::templates(),
			self::links()
		);
	}

	private static function api(?array $api): array {
		if ($api === null) {
			return [self::check(false, _('The collector has no API token, so devices and interfaces have no names in it.').' '
				._('Run install/zabbix --collector weir.toml --login NAME, as a super admin, and restart the collector.')
			)];
		}

		if ($api['answered']) {
			return [self::check(true, _s('The API token is valid, since %1$s: the collector reads %2$s hosts of Zabbix %3$s at %4$s.',
				self::time($api['since_ms']), $api['hosts'], $api['version'], $api['url']
			))];
		}

		return [self::check(false, $api['since_ms'] == 0
			? _s('The collector has not asked Zabbix at %1$s yet: wait some seconds.', $api['url'])
			: _s('The collector cannot read from Zabbix at %1$s since %2$s: %3$s.', $api['url'], self::time($api['since_ms']),
				rtrim((string) $api['error'], '.')
			).' '._('If the token has ended or is switched off: install/zabbix --collector weir.toml --login NAME makes one that works.')
		)];
	}

	private static function values(?array $values): array {
		if ($values === null) {
			return [self::check(false, _('The collector sends no values to Zabbix: [zabbix] server is not set in weir.toml.').' '
				._('install/zabbix --collector weir.toml sets it.')
			)];
		}

		if (($values['error'] ?? null) !== null) {
			return [self::check(false, _s('The Zabbix server at %1$s takes no values since %2$s: %3$s; %4$s wait and go when it answers.',
				$values['server'], self::time($values['since_ms']), rtrim($values['error'], '.'), $values['waiting']
			).' '._('See whether it runs, and [zabbix] server in weir.toml.'))];
		}

		if ($values['refused_lately'] > 0) {
			return [self::check(false, _s('The Zabbix server at %1$s refuses %2$s of %3$s values.', $values['server'],
				$values['refused_lately'], $values['lately']
			).' '._('Items that are new are known after a minute. Else: Import below, and the macro {$WEIR.SENDER} has to hold the collector\'s address.')
			)];
		}

		return [self::check(true, $values['since_ms'] == 0
			? _s('No value was sent to the Zabbix server at %1$s yet.', $values['server'])
			: _s('The Zabbix server at %1$s takes values, since %2$s; none are refused, %3$s wait.', $values['server'],
				self::time($values['since_ms']), $values['waiting']
			)
		)];
	}

	/**
	 * @throws SidecarException
	 */
	private static function templates(): array {
		$state = TemplateImport::state();

		if (!$state['imported']) {
			return [self::check(false, _('The templates are not imported: without them Zabbix takes no values and no alerts.').' '
				._('Import, below, does it.')
			)];
		}

		$checks = [self::check($state['current'], $state['current']
			? _('The templates are imported, and those of this version.')
			: _('The templates are imported, and those of another version: Import again, below.')
		)];
		$without = TemplateImport::hostsWithout();

		if ($without) {
			$checks[] = self::check(false, _n('%3$s host that exports has no template "%1$s": %2$s.',
				'%3$s hosts that export have no template "%1$s": %2$s.', TemplateImport::TEMPLATE_EXPORTER,
				implode(', ', array_slice($without, 0, 5)).(count($without) > 5 ? ', …' : ''), count($without)
			).' '._('Import again, below, links it.'));
		}

		return $checks;
	}

	/**
	 * @throws SidecarException
	 */
	private static function links(): array {
		$exporters = Sidecar::exporters();
		$unsettled = ExporterLinks::unsettled();
		$checks = [self::check((bool) $exporters, $exporters
			? _n('%2$s exporter is known, %1$s linked to a host.', '%2$s exporters are known, %1$s of them linked to hosts.',
				count(ExporterLinks::all()), count($exporters)
			)
			: _('No exporter has sent anything yet. Point NetFlow or IPFIX (UDP port 2055) to the collector.')
		)];

		if ($unsettled) {
			$checks[] = self::check(false, _n('%2$s exporter needs your choice: %1$s.', '%2$s exporters need your choice: %1$s.',
				implode(', ', array_slice(array_keys($unsettled), 0, 5)), count($unsettled)
			).' '._('Several hosts fit, or another than before; only super admins see it until one is chosen. They are first in the list below.'));
		}

		return $checks;
	}

	public static function check(bool $ok, string $text): array {
		return ['ok' => $ok, 'text' => $text];
	}

	private static function time(int $ms): string {
		return zbx_date2str(DATE_TIME_FORMAT_SECONDS, intdiv($ms, 1000));
	}
}
