<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData;
use Modules\Weir\Lib\{Page, Sidecar, SidecarException, Token};

/**
 * Whether the collector answers and takes this user's token, for a page that waits for it.
 */
class FlowsStatus extends ReadAction {

	protected function doAction(): void {
		try {
			Sidecar::exporters();
			Token::forUser();
			$answer = ['ok' => true];
		}
		catch (SidecarException $e) {
			$answer = ['ok' => false, 'message' => Page::failure($e)];
		}

		$this->setResponse(new CControllerResponseData(['main_block' => json_encode($answer)]));
	}
}
