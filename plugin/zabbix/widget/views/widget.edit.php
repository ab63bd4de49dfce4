<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * @var CView $this
 * @var array $data
 */

(new CWidgetFormView($data))
	->addField(array_key_exists('hostids', $data['fields'])
		? new CWidgetFieldMultiSelectHostView($data['fields']['hostids'])
		: null
	)
	->addField($data['templateid'] === null
		? new CWidgetFieldMultiSelectOverrideHostView($data['fields']['override_hostid'])
		: null
	)
	->addField(
		new CWidgetFieldRadioButtonListView($data['fields']['scope'])
	)
	->addField(
		new CWidgetFieldTextBoxView($data['fields']['ifindex'])
	)
	->addField(
		new CWidgetFieldTextBoxView($data['fields']['filter'])
	)
	->addField(
		(new CWidgetFieldTimePeriodView($data['fields']['time_period']))
			->setDateFormat(ZBX_FULL_DATE_TIME)
			->setFromPlaceholder(_('YYYY-MM-DD hh:mm:ss'))
			->setToPlaceholder(_('YYYY-MM-DD hh:mm:ss'))
	)
	->show();
