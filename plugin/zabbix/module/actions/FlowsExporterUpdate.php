<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API;
use Modules\Weir\Lib\{Cache, ExporterLinks, TemplateImport};

/**
 * Write or remove the link of an exporter by hand, or create a host for it.
 */
class FlowsExporterUpdate extends AdminAction {

	protected function rules(): array {
		return [
			'exporter' => 'required|string|not_empty',
			'hostid' => 'db hosts.hostid',
			'host' => 'string',
			'link' => 'string',
			'unlink' => 'string',
			'create' => 'string'
		];
	}

	protected function doAction(): void {
		$address = ExporterLinks::canonical($this->getInput('exporter'));

		if ($address === null) {
			$this->finish(false, _('This is not the address of an exporter.'));
		}
		elseif ($this->hasInput('create')) {
			$ok = self::createHost($address, trim($this->getInput('host', '')));
			$this->finish($ok, $ok ? _('Host added') : _('Cannot add host'));
		}
		elseif ($this->hasInput('unlink')) {
			$ok = self::unlink($address);
			$this->finish($ok, $ok ? _('The link by hand was removed') : _('Cannot remove the link'));
		}
		elseif ($this->hasInput('hostid')) {
			$ok = self::unlink($address) && self::link($address, $this->getInput('hostid'));
			$this->finish($ok, $ok ? _('Exporter linked') : _('Cannot link the exporter'));
		}
		else {
			$this->finish(false, _('Select the host to link the exporter to.'), 'flows.exporter', ['exporter' => $address]);
		}

		Cache::clear();
	}

	private static function link(string $address, string $hostid): bool {
		$macros = API::UserMacro()->get([
			'output' => ['hostmacroid', 'value'],
			'hostids' => $hostid,
			'filter' => ['macro' => ExporterLinks::MACRO]
		]);

		if ($macros && !array_key_exists('value', $macros[0])) {
			error(_s('The macro %1$s of this host is a secret one and cannot be read: make it a text.', ExporterLinks::MACRO));

			return false;
		}

		return (bool) ($macros
			? API::UserMacro()->update([[
				'hostmacroid' => $macros[0]['hostmacroid'],
				'value' => $macros[0]['value'].','.$address
			]])
			: API::UserMacro()->create([['hostid' => $hostid, 'macro' => ExporterLinks::MACRO, 'value' => $address]]));
	}

	/**
	 * Take the address out of every host's macro.
	 */
	private static function unlink(string $address): bool {
		$macros = API::UserMacro()->get([
			'output' => ['hostmacroid', 'value'],
			'filter' => ['macro' => ExporterLinks::MACRO]
		]);
		$ok = true;

		foreach ($macros as $macro) {
			if (!array_key_exists('value', $macro)) {
				continue;
			}

			$all = array_map('trim', explode(',', $macro['value']));
			$left = array_filter($all, static fn(string $one): bool => ExporterLinks::canonical($one) !== $address);

			if (!$left) {
				$ok = (bool) API::UserMacro()->delete([$macro['hostmacroid']]) && $ok;
			}
			elseif (count($left) < count($all)) {
				$ok = (bool) API::UserMacro()->update([[
					'hostmacroid' => $macro['hostmacroid'],
					'value' => implode(',', $left)
				]]) && $ok;
			}
		}

		return $ok;
	}

	private static function createHost(string $address, string $name): bool {
		$groupid = TemplateImport::groupId();

		return $groupid !== null && API::Host()->create([
			'host' => ExporterLinks::technicalName($name !== '' ? $name : $address),
			'name' => $name !== '' ? $name : $address,
			'groups' => [['groupid' => $groupid]],
			'interfaces' => [[
				'type' => INTERFACE_TYPE_SNMP,
				'main' => INTERFACE_PRIMARY,
				'useip' => INTERFACE_USE_IP,
				'ip' => $address,
				'dns' => '',
				'port' => '161',
				'details' => ['version' => SNMP_V2C, 'community' => '{$SNMP_COMMUNITY}']
			]]
		]);
	}
}
