<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData, CControllerResponseFatal, CSettingsHelper, CWebUser;
use Modules\Weir\Lib\{Chart, FlowsUrl, Page, SidecarException, Subject};
use Modules\Weir\Module;

/**
 * The chart alone, as a page for the URL widget of Zabbix 6.0:
 * zabbix.php?action=flows.chart&hostid={HOST.ID} and, if wanted, ifindex, direction, scope, filter, period (seconds).
 */
class FlowsChart extends ReadAction {

	private const DEFAULT_PERIOD = 3600;

	protected function checkInput(): bool {
		$ret = $this->validateInput(Subject::RULES + ['period' => 'ge 60|le 31536000']);

		if (!$ret) {
			$this->setResponse(new CControllerResponseFatal());
		}

		return $ret;
	}

	/**
	 * Where a link can open from within the sandbox of the URL widget: nowhere, unless its exceptions (Administration > General >
	 * Other) allow it.
	 */
	private static function linkTarget(): ?string {
		if (CSettingsHelper::get(CSettingsHelper::IFRAME_SANDBOXING_ENABLED) == 0) {
			return '_top';
		}

		$exceptions = (string) CSettingsHelper::get(CSettingsHelper::IFRAME_SANDBOXING_EXCEPTIONS);

		if (strpos($exceptions, 'allow-top-navigation') !== false) {
			return '_top';
		}

		// A window of its own would inherit the sandbox, and so run no script.
		return strpos($exceptions, 'allow-popups-to-escape-sandbox') !== false ? '_blank' : null;
	}

	protected function doAction(): void {
		$chart = null;
		$error = null;
		$title = _('Flows');

		try {
			$subject = Subject::fromInput($this->getInputAll());

			if ($subject === null) {
				$error = _('No permissions to referred object or it does not exist!');
			}
			else {
				$link = FlowsUrl::to(array_diff_key($this->getInputAll(), ['period' => 1]));
				$chart = Chart::ofSubject($subject, (int) $this->getInput('period', self::DEFAULT_PERIOD), $link,
					self::linkTarget()
				);
				$title = $subject->title !== '' ? $subject->title : $title;
			}
		}
		catch (SidecarException $e) {
			$error = Page::failure($e);
		}

		$response = new CControllerResponseData([
			'title' => $title,
			'chart' => $chart,
			'error' => $error,
			'style' => Module::asset('css/flows.css'),
			'theme' => getUserTheme(CWebUser::$data)
		]);
		$response->setTitle($title);
		$this->setResponse($response);
	}
}
