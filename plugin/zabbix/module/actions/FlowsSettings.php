<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API, CControllerResponseData, CControllerResponseFatal;
use Modules\Weir\Lib\{ConnectionChecks, ConsoleScripts, ExporterLinks, Secret, Settings, Sidecar, SidecarException, TemplateImport};
use Modules\Weir\Module;

/**
 * Administration > General > Flows.
 */
class FlowsSettings extends ReadAction {

	// More are a page of their own: what is below them on the page would be out of reach.
	private const SHOWN = 50;

	protected function checkInput(): bool {
		// The first three come back with a form that was refused.
		$ret = $this->validateInput(['sidecar_url' => 'string', 'token_ttl' => 'string', 'trust_administrators' => 'in 0,1',
			'find' => 'string', 'all' => 'in 1'
		]);

		if (!$ret) {
			$this->setResponse(new CControllerResponseFatal());
		}

		return $ret;
	}

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	protected function doAction(): void {
		$form = [];

		foreach (['sidecar_url', 'token_ttl'] as $name) {
			$form[$name] = $this->hasInput($name) ? $this->getInput($name) : (string) Settings::get()[$name];
		}

		$form['trust_administrators'] = $this->hasInput('trust_administrators')
			? $this->getInput('trust_administrators') === '1'
			: Settings::trustsAdministrators();

		$data = [
			'settings' => Settings::get(),
			'form' => $form,
			'secret_problem' => Secret::problem(),
			'status' => null,
			'connection' => [],
			'error' => null,
			'exporters' => [],
			'find' => $this->hasInput('find') ? trim($this->getInput('find')) : '',
			'count' => 0,
			'alone' => 0,
			'waiting' => 0,
			'fitting' => [],
			'old_macros' => self::oldMacros(),
			'template' => TemplateImport::state(),
			'scripts' => ConsoleScripts::made(),
			'script' => Module::asset('js/settings.js'),
			'style' => Module::asset('css/flows.css')
		];

		try {
			$rows = self::exporters();
			$data['count'] = count($rows);
			$data['alone'] = count(array_filter($rows,
				static fn(array $row): bool => $row['link'] === null && !$row['fitting']
			));
			$data['waiting'] = count(ExporterLinks::waiting());
			$rows = array_filter($rows, static fn(array $row): bool => $data['find'] === ''
				|| mb_stripos($row['address'].' '.($row['name'] ?? '').' '.($row['link']['name'] ?? ''), $data['find']) !== false
			);
			$data['found'] = count($rows);
			$data['exporters'] = $this->hasInput('all') ? $rows : array_slice($rows, 0, self::SHOWN);
			$data['status'] = Sidecar::ask('status.get', []);
			$data['connection'] = ConnectionChecks::zabbix($data['status']);
			$fitting = array_merge(...array_values(array_column($data['exporters'], 'fitting')) ?: [[]]);
			$data['fitting'] = array_column(API::Host()->get(['output' => ['hostid', 'name'], 'hostids' => $fitting]), 'name', 'hostid');
		}
		catch (SidecarException $e) {
			$data['error'] = $e->getMessage();
		}

		$response = new CControllerResponseData($data);
		$response->setTitle(_('Flows'));
		$this->setResponse($response);
	}

	/**
	 * The exporters with their links; those that need a super admin's choice first, then those without a host.
	 */
	private static function exporters(): array {
		$links = ExporterLinks::readable();
		$unsettled = ExporterLinks::unsettled();
		$rows = [];

		foreach (Sidecar::exporters() as $address => $exporter) {
			$rows[] = ['link' => $links[$address] ?? null, 'fitting' => $unsettled[$address] ?? []] + $exporter;
		}

		usort($rows, static fn(array $a, array $b): int => ($b['fitting'] !== []) <=> ($a['fitting'] !== [])
			?: ($a['link'] !== null) <=> ($b['link'] !== null)
			?: strnatcasecmp($a['link']['name'] ?? $a['address'], $b['link']['name'] ?? $b['address'])
		);

		return $rows;
	}

	/**
	 * Names of hosts with the macro that links nothing any more.
	 */
	private static function oldMacros(): array {
		$hostids = array_keys(ExporterLinks::oldMacros());

		return $hostids
			? array_column(API::Host()->get(['output' => ['name'], 'hostids' => $hostids]), 'name')
			: [];
	}
}
