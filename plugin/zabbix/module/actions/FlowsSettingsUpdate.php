<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use Modules\Weir\Lib\Settings;

class FlowsSettingsUpdate extends AdminAction {

	protected function rules(): array {
		// Judged below: what is refused here would take the form away with it.
		return ['sidecar_url' => 'required|string', 'token_ttl' => 'required|string', 'trust_administrators' => 'in 1'];
	}

	protected function doAction(): void {
		$url = rtrim(trim($this->getInput('sidecar_url')), '/');
		$ttl = trim($this->getInput('token_ttl'));
		$problems = array_filter([Settings::checkUrl($url), Settings::checkTtl($ttl)]);
		array_map('error', $problems);

		$ok = !$problems && Settings::save($url, (int) $ttl, $this->hasInput('trust_administrators'));
		$this->finish($ok, $ok ? _('Configuration updated') : _('Cannot update configuration'));

		if (!$ok) {
			$this->getResponse()->setFormData(['sidecar_url' => $this->getInput('sidecar_url'), 'token_ttl' => $ttl,
				'trust_administrators' => $this->hasInput('trust_administrators') ? '1' : '0'
			]);
		}
	}
}
