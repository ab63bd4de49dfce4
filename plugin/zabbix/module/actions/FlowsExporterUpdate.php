<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API;
use Modules\Weir\Lib\AnyMonitor\{Cache, LinkRules};
use Modules\Weir\Lib\{ExporterLinks, Sidecar, SidecarException, TemplateImport};

/**
 * Choose the host of an exporter, or take the choice away, or create a host for it; or for all that have none, or wait for one.
 */
class FlowsExporterUpdate extends AdminAction {

	protected function rules(): array {
		return [
			'exporter' => 'string',
			'hostid' => 'db hosts.hostid',
			'fitting' => 'db hosts.hostid',
			'host' => 'string',
			'link' => 'string',
			'unlink' => 'string',
			'create' => 'string',
			'create_all' => 'string',
			'accept_all' => 'string'
		];
	}

	protected function doAction(): void {
		try {
			$this->update();
		}
		catch (SidecarException $e) {
			error($e->getMessage());
			$this->finish(false, _('Cannot link the exporter'));
		}

		Cache::clear();
	}

	/**
	 * @throws SidecarException
	 */
	private function update(): void {
		if ($this->hasInput('create_all')) {
			$this->createAll();

			return;
		}

		if ($this->hasInput('accept_all')) {
			$waiting = ExporterLinks::waiting();
			$ok = ExporterLinks::choose($waiting);
			$this->finish($ok, $ok ? _n('%1$s exporter linked', '%1$s exporters linked', count($waiting)) : _('Cannot link the exporter'));

			return;
		}

		$address = LinkRules::canonical($this->getInput('exporter', ''));
		$hostid = $this->hasInput('fitting') ? $this->getInput('fitting') : $this->getInput('hostid', '');

		if ($address === null) {
			$this->finish(false, _('This is not the address of an exporter.'));
		}
		elseif ($this->hasInput('create')) {
			$ok = self::createHost($address, trim($this->getInput('host', '')));
			$this->finish($ok, $ok ? _('Host added') : _('Cannot add host'));
		}
		elseif ($this->hasInput('unlink')) {
			$ok = ExporterLinks::choose([$address => '']);
			$this->finish($ok, $ok ? _('The choice was taken back; the host is found again') : _('Cannot remove the link'));
		}
		elseif ($hostid !== '') {
			$ok = ExporterLinks::choose([$address => $hostid]);
			$this->finish($ok, $ok ? _('Exporter linked') : _('Cannot link the exporter'));
		}
		else {
			$this->finish(false, _('Select the host to link the exporter to.'), 'flows.exporter', ['exporter' => $address]);
		}
	}

	/**
	 * A host for each exporter that has none and that no host fits.
	 *
	 * @throws SidecarException
	 */
	private function createAll(): void {
		$alone = array_diff_key(Sidecar::exporters(), ExporterLinks::all(), ExporterLinks::unsettled());
		$made = 0;

		foreach ($alone as $address => $exporter) {
			if (!self::createHost((string) $address, (string) ($exporter['name'] ?? ''))) {
				break;
			}

			$made++;
		}

		$this->finish($made == count($alone), _n('%1$s host added', '%1$s hosts added', $made));
	}

	private static function createHost(string $address, string $name): bool {
		$groupid = TemplateImport::groupId();
		$name = $name !== '' ? $name : $address;
		$templateid = TemplateImport::exporterTemplate();
		$made = $groupid !== null
			? API::Host()->create([
				'host' => ExporterLinks::technicalName($name),
				'name' => $name,
				'groups' => [['groupid' => $groupid]],
				'templates' => $templateid !== null ? [['templateid' => $templateid]] : [],
				'interfaces' => [[
					'type' => INTERFACE_TYPE_SNMP,
					'main' => INTERFACE_PRIMARY,
					'useip' => INTERFACE_USE_IP,
					'ip' => $address,
					'dns' => '',
					'port' => '161',
					'details' => ['version' => SNMP_V2C, 'community' => '{$SNMP_COMMUNITY}']
				]]
			])
			: false;

		// Made for it by a super admin: that is a choice.
		return $made && ExporterLinks::choose([$address => $made['hostids'][0]]);
	}
}
