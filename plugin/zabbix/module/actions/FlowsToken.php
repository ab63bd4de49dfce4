<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData;
use Modules\Weir\Lib\{Page, SidecarException, Token};

/**
 * A fresh token for a Flows window. The window asks again before it ends, so that what the user may see follows the rights
 * in Zabbix, and ends with the session.
 */
class FlowsToken extends ReadAction {

	protected function doAction(): void {
		try {
			$answer = Token::forUser();
		}
		catch (SidecarException $e) {
			http_response_code(503);
			$answer = ['error' => ['message' => Page::failure($e)]];
		}

		$this->setResponse(new CControllerResponseData(['main_block' => json_encode($answer)]));
	}
}
