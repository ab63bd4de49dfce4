<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData, CControllerResponseFatal, CWebUser;
use Modules\Weir\Lib\{Page, Sidecar, SidecarException, Subject, Token};
use Modules\Weir\Module;

/**
 * Monitoring > Flows: the Flows window of the collector, on what the address names.
 */
class FlowsView extends ReadAction {

	protected function checkInput(): bool {
		$ret = $this->validateInput(Subject::RULES);

		if (!$ret) {
			$this->setResponse(new CControllerResponseFatal());
		}

		return $ret;
	}

	protected function doAction(): void {
		$subject = null;
		$error = null;

		try {
			Sidecar::exporters();
			Token::forUser();
			$subject = Subject::fromInput($this->getInputAll());

			if ($subject === null) {
				access_deny();
			}
		}
		catch (SidecarException $e) {
			$error = Page::failure($e);
		}

		$response = new CControllerResponseData([
			'title' => $subject !== null && $subject->title !== '' ? _s('Flows: %1$s', $subject->title) : _('Flows'),
			'note' => $subject !== null ? $subject->note : null,
			'error' => $error,
			// Relative to the page, so that it is right at the root of a server and below any path.
			'window' => $subject !== null
				? 'flows/#'.$subject->fragment([
					'tokenUrl' => '../zabbix.php?action=flows.token',
					'theme' => self::theme(),
					'embedded' => '1'
				])
				: null,
			'script' => Module::asset('js/flows.js'),
			'style' => Module::asset('css/flows.css')
		]);
		$response->setTitle($subject !== null && $subject->title !== '' ? _s('Flows: %1$s', $subject->title) : _('Flows'));
		$this->setResponse($response);
	}

	private static function theme(): string {
		return in_array(getUserTheme(CWebUser::$data), ['dark-theme', 'hc-dark']) ? 'dark' : 'light';
	}
}
