<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * @var CView $this
 * @var array $data
 */

$view = new CWidgetView($data);

if ($data['error'] !== null) {
	$view->addItem((new CTableInfo())->setNoDataMessage($data['error']));
}
else {
	$view->addItem((new CTag('strong', true, $data['title']))->addClass('flows-widget-title'));
	$view->addItem($data['chart']);
}

$view->show();
