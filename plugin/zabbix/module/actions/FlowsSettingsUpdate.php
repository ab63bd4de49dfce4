<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use Modules\Weir\Lib\Settings;

class FlowsSettingsUpdate extends AdminAction {

	protected function rules(): array {
		return [
			'sidecar_url' => 'required|string|not_empty',
			'token_ttl' => 'required|ge '.Settings::TOKEN_TTL_MIN.'|le '.Settings::TOKEN_TTL_MAX
		];
	}

	protected function doAction(): void {
		$url = rtrim(trim($this->getInput('sidecar_url')), '/');
		$problem = Settings::checkUrl($url);

		if ($problem !== null) {
			error($problem);
			$this->finish(false, _('Cannot update configuration'));

			return;
		}

		$ok = Settings::save($url, (int) $this->getInput('token_ttl'));
		$this->finish($ok, $ok ? _('Configuration updated') : _('Cannot update configuration'));
	}
}
