<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CController, CControllerResponseFatal, CControllerResponseRedirect, CMessageHelper, CUrl;

/**
 * A POST of a super admin that changes something; the core checks its token against forged requests.
 */
abstract class AdminAction extends CController {

	/**
	 * Rules for validateInput().
	 */
	abstract protected function rules(): array;

	protected function checkInput(): bool {
		$ret = $this->validateInput($this->rules());

		if (!$ret) {
			$this->setResponse(new CControllerResponseFatal());
		}

		return $ret;
	}

	protected function checkPermissions(): bool {
		return $this->getUserType() == USER_TYPE_SUPER_ADMIN;
	}

	/**
	 * Go to a page of ours, with the outcome as the page's message.
	 */
	protected function finish(bool $ok, string $message, string $action = 'flows.settings', array $arguments = []): void {
		$url = (new CUrl('zabbix.php'))->setArgument('action', $action);

		foreach ($arguments as $name => $value) {
			$url->setArgument($name, $value);
		}

		if ($ok) {
			CMessageHelper::setSuccessTitle($message);
		}
		else {
			CMessageHelper::setErrorTitle($message);
		}

		$this->setResponse(new CControllerResponseRedirect($url));
	}
}
