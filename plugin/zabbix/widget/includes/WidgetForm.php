<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\WeirWidget\Includes;

use CWidgetsData;
use Zabbix\Widgets\{CWidgetField, CWidgetForm};
use Zabbix\Widgets\Fields\{
	CWidgetFieldMultiSelectHost,
	CWidgetFieldMultiSelectOverrideHost,
	CWidgetFieldRadioButtonList,
	CWidgetFieldTextBox,
	CWidgetFieldTimePeriod
};

class WidgetForm extends CWidgetForm {

	public const SCOPE_DEVICE = 0;
	public const SCOPE_HOST = 1;

	public function addFields(): self {
		return $this
			->addField($this->isTemplateDashboard()
				? null
				: (new CWidgetFieldMultiSelectHost('hostids', _('Host')))->setMultiple(false)
			)
			->addField(
				// The host of the dashboard, or the one that another widget, for example a map, has selected.
				new CWidgetFieldMultiSelectOverrideHost()
			)
			->addField(
				(new CWidgetFieldRadioButtonList('scope', _('Show'), [
					self::SCOPE_DEVICE => _('What the host exports'),
					self::SCOPE_HOST => _('The host as client or server')
				]))->setDefault(self::SCOPE_DEVICE)
			)
			->addField(
				// ifIndex; only of what the host exports.
				(new CWidgetFieldTextBox('ifindex', _('Interface (ifIndex)')))->setDefault('')
			)
			->addField(
				(new CWidgetFieldTextBox('filter', _('Filter')))->setDefault('')
			)
			->addField(
				(new CWidgetFieldTimePeriod('time_period', _('Time period')))
					->setDefault([
						CWidgetField::FOREIGN_REFERENCE_KEY => CWidgetField::createTypedReference(
							CWidgetField::REFERENCE_DASHBOARD, CWidgetsData::DATA_TYPE_TIME_PERIOD
						)
					])
					->setDefaultPeriod(['from' => 'now-1h', 'to' => 'now'])
					->setFlags(CWidgetField::FLAG_NOT_EMPTY | CWidgetField::FLAG_LABEL_ASTERISK)
			);
	}
}
