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
		$figures = Sidecar::figures();
		$of = static fn(string $name): int => $figures['weir_monitor_'.$name] ?? 0;
		$said = '';

		foreach ($status['last_errors'] ?? [] as $error) {
			if ($error['stage'] === 'monitor') {
				$said = ' '._s('It said last: %1$s.', rtrim($error['message'], '.'));

				break;
			}
		}

		return array_merge(
			self::restart($status),
			array_key_exists('weir_monitor_api_since_seconds', $figures)
				? array_merge([self::api($of, $said), self::values($of, $said)], self::choices($of))
				: [],
			self::templates(),
			self::links()
		);
	}

	/**
	 * What the collector reads at its start alone, and has changed since.
	 */
	private static function restart(array $status): array {
		return ($status['restart_reason'] ?? null) !== null
			? [self::check(false, _s('Restart the collector: %1$s.', $status['restart_reason']).' '
				._('On its machine: systemctl restart weir, or end "weir run" and start it again.')
			)]
			: [];
	}

	private static function api(callable $of, string $said): array {
		if ($of('api_since_seconds') == 0) {
			return self::check(false, _('The collector does not ask Zabbix, so devices and interfaces have no names in it.').' '
				._('Run install/zabbix --collector weir.toml --login NAME, as a super admin, and restart the collector.')
			);
		}

		return $of('api_answers') == 1
			? self::check(true, _s('The API token is valid, since %1$s: the collector reads %2$s hosts.',
				self::time($of('api_since_seconds')), $of('hosts')
			))
			: self::check(false, _s('The collector cannot read from Zabbix since %1$s.', self::time($of('api_since_seconds'))).$said.' '
				._('If the token has ended or is switched off: install/zabbix --collector weir.toml --login NAME makes one that works.')
			);
	}

	private static function values(callable $of, string $said): array {
		if ($of('values_taken') == 0) {
			return self::check(false, _s('The Zabbix server takes no values since %1$s; %2$s wait and go when it answers.',
				self::time($of('values_since_seconds')), $of('values_waiting')
			).$said.' '._('See whether it runs, and [zabbix] server in weir.toml.'));
		}

		if ($of('values_since_seconds') == 0) {
			return self::check(false, _('No value was sent to the Zabbix server yet: wait a minute, or set [zabbix] server in weir.toml.').' '
				._('install/zabbix --collector weir.toml sets it.')
			);
		}

		return $of('values_refused_lately') == 0
			? self::check(true, _s('The Zabbix server takes values, since %1$s; none are refused, %2$s wait.',
				self::time($of('values_since_seconds')), $of('values_waiting')
			))
			: self::check(false, _s('The Zabbix server refuses %1$s values of each round.', $of('values_refused_lately')).' '
				._('Items that are new are known after a minute. Else: Import, below, and the macro {$WEIR.SENDER} has to hold the collector\'s address.')
			);
	}

	private static function choices(callable $of): array {
		return $of('choices_unread') == 0
			? []
			: [self::check(false, _('The collector cannot read which hosts you chose for exporters, or who may edit hosts: its links are those of before, and new exporters get none.').' '
				._('The role of its API token has to be of the type Super admin, with module.get, role.get and usergroup.get: install/zabbix --collector weir.toml --login NAME gives it.')
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
			: _('No exporter has sent anything yet. Point NetFlow, IPFIX or sFlow to the collector: UDP port 2055, 4739 or 6343, any of them takes each.')
		)];

		if ($unsettled) {
			$checks[] = self::check(false, _n('%2$s exporter needs your choice: %1$s.', '%2$s exporters need your choice: %1$s.',
				implode(', ', array_slice(array_keys($unsettled), 0, 5)), count($unsettled)
			).' '._('Several hosts fit, or another than before, or one that others than super admins may edit. Only super admins see the flows until one is chosen. They are first in the list below.'));
		}

		return $checks;
	}

	public static function check(bool $ok, string $text): array {
		return ['ok' => $ok, 'text' => $text];
	}

	private static function time(int $seconds): string {
		return zbx_date2str(DATE_TIME_FORMAT_SECONDS, $seconds);
	}
}
