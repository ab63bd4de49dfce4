<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use Modules\Weir\Lib\{SidecarException, TemplateImport};

class FlowsTemplateImport extends AdminAction {

	protected function rules(): array {
		return [];
	}

	protected function doAction(): void {
		try {
			$linked = TemplateImport::run();
		}
		catch (SidecarException $e) {
			error($e->getMessage());
			$linked = null;
		}

		$this->finish($linked !== null, $linked !== null
			? _s('Templates imported; linked to %1$s hosts more', $linked)
			: _('Cannot import the templates')
		);
	}
}
