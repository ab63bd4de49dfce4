<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use CControllerResponseData, CControllerResponseFatal, CWebUser;
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
				$chart = Chart::ofSubject($subject, (int) $this->getInput('period', self::DEFAULT_PERIOD), $link);
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
