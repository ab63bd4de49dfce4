<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\WeirWidget\Actions;

use APP, CControllerDashboardWidgetView, CControllerResponseData;
use Modules\Weir\Lib\{Chart, FlowsUrl, Page, SidecarException, Subject};
use Modules\WeirWidget\Includes\WidgetForm;

class WidgetView extends CControllerDashboardWidgetView {

	protected function doAction(): void {
		$data = [
			'name' => $this->getInput('name', $this->widget->getDefaultName()),
			'user' => ['debug_mode' => $this->getDebugMode()],
			'chart' => null,
			'error' => null
		];

		if (APP::ModuleManager()->getModule('weir') === null) {
			$data['error'] = _('The module "Flows by Weir" is not enabled.');
		}
		elseif (!Page::isAllowed()) {
			$data['error'] = _('No permissions to referred object or it does not exist!');
		}
		else {
			try {
				$data = $this->chart($data);
			}
			catch (SidecarException $e) {
				$data['error'] = Page::failure($e);
			}
		}

		$this->setResponse(new CControllerResponseData($data));
	}

	/**
	 * @throws SidecarException
	 */
	private function chart(array $data): array {
		$hostids = $this->fields_values['override_hostid'] ?: ($this->fields_values['hostids'] ?? []);
		$period = $this->fields_values['time_period'];
		$input = ['filter' => $this->fields_values['filter']];

		if ($hostids) {
			$input += [
				'hostid' => (string) reset($hostids),
				'scope' => $this->fields_values['scope'] == WidgetForm::SCOPE_HOST ? 'host' : 'device'
			];
			$ifindex = trim($this->fields_values['ifindex']);

			if ($ifindex !== '' && !preg_match('/^[1-9]\d{0,9}$/', $ifindex)) {
				$data['error'] = _s('"%1$s" is no ifIndex: give its number, for example 3.', $ifindex);

				return $data;
			}

			if ($ifindex !== '' && $input['scope'] === 'device') {
				$input['ifindex'] = $ifindex;
			}
		}

		$times = [
			'from' => (string) ($period['from_ts'] * 1000),
			'to' => (string) ((min($period['to_ts'], time()) + 1) * 1000)
		];
		$subject = Subject::fromInput($input + $times);

		if ($subject === null) {
			$data['error'] = _('No permissions to referred object or it does not exist!');
		}
		else {
			$data['title'] = $subject->title !== '' ? $subject->title : _('All exporters');
			$data['chart'] = Chart::ofSubject($subject, $period['to_ts'] - $period['from_ts'],
				FlowsUrl::to(array_filter($input + $times, 'strlen'))
			);
		}

		return $data;
	}
}
