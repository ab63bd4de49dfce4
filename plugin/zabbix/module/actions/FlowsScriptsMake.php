<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use Modules\Weir\Lib\{ConsoleScripts, SidecarException};

class FlowsScriptsMake extends AdminAction {

	protected function rules(): array {
		return [];
	}

	protected function doAction(): void {
		try {
			$made = ConsoleScripts::make();
		}
		catch (SidecarException $e) {
			error($e->getMessage());
			$made = false;
		}

		$this->finish($made, $made
			? _s('Scripts made; they are in the menu of every host, below "%1$s"', ConsoleScripts::MENU)
			: _('Cannot make the scripts')
		);
	}
}
