<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CController;
use Modules\Weir\Lib\Page;

/**
 * An action that is opened by GET and changes nothing, so that there is no token against forged requests to check.
 */
abstract class ReadAction extends CController {

	protected function init(): void {
		method_exists($this, 'disableCsrfValidation') ? $this->disableCsrfValidation() : $this->disableSIDvalidation();
	}

	protected function checkInput(): bool {
		return true;
	}

	protected function checkPermissions(): bool {
		return Page::isAllowed();
	}
}
