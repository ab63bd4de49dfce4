<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * @var CView $this
 * @var array $data
 */

use Modules\Weir\Lib\Page;

$form = Page::form('flows.exporter.update')->addVar('exporter', $data['exporter']);
$link = $data['link'];
$list = (new CFormList())
	->addRow(_('Exporter'), $data['exporter'])
	->addRow(_('Linked to'), $link !== null ? $link['name'] : _('no host'));

if ($data['fitting']) {
	$why = $data['before'] !== null
		? _s('It was linked to %1$s, and that does not fit any more. Another host gets it, with all that is stored of it, by your choice alone.',
			$data['before']
		)
		: (count($data['fitting']) == 1
			? _('Others than super admins may edit this host, and so decide its address and names. It gets the exporter by your choice alone.')
			: _('Several hosts fit, by address or name. Who may edit a host decides those, so one of them gets it by your choice alone.')
		);
	$buttons = [];

	foreach ($data['fitting'] as $hostid => $name) {
		$buttons[] = (new CButton('fitting', $name))->setAttribute('type', 'submit')->setAttribute('value', $hostid);
		$buttons[] = ' ';
	}

	$list->addRow(_('Hosts that fit'), [new CDiv($why), new CDiv($buttons)]);
}

$list
	->addRow(new CLabel(_('Host'), 'hostid_ms'), [
		(new CMultiSelect([
			'name' => 'hostid',
			'object_name' => 'hosts',
			'multiple' => false,
			'data' => $link !== null ? [['id' => $link['hostid'], 'name' => $link['name']]] : [],
			'popup' => [
				'parameters' => [
					'srctbl' => 'hosts',
					'srcfld1' => 'hostid',
					'dstfrm' => $form->getName(),
					'dstfld1' => 'hostid'
				]
			]
		]))->setWidth(ZBX_TEXTAREA_MEDIUM_WIDTH),
		new CDiv(_('The choice goes before address and name, and nobody but a super admin can make it.'))
	])
	->addRow('', [
		new CSubmit('link', _('Link to this host')),
		' ',
		(new CSubmit('unlink', _('Remove link by hand')))
			->addClass(ZBX_STYLE_BTN_ALT)
			->setEnabled($data['chosen'])
	])
	->addRow((new CTag('h4', true, _('Or create a host')))->addClass('input-section-header'))
	->addRow(new CLabel(_('Host name'), 'host'), [
		(new CTextBox('host', $data['name'], false, DB::getFieldLength('hosts', 'host')))->setWidth(ZBX_TEXTAREA_MEDIUM_WIDTH),
		new CDiv(_s('In the host group "%1$s", with an SNMP interface at %2$s; give it the template of its kind afterwards.',
			$data['group'], $data['exporter']
		))
	])
	->addRow('', (new CSubmit('create', _('Create host')))->addClass(ZBX_STYLE_BTN_ALT));

Page::create(_s('Exporter %1$s', $data['exporter']))
	->addItem($data['error'] !== null
		? makeMessageBox(ZBX_STYLE_MSG_BAD, [['message' => $data['error']]], _('The collector cannot be asked'), false)
		: null
	)
	->addItem($form->addItem((new CTabView())->addTab('exporter', _('Exporter'), $list)))
	->addItem(new CLink(_('Back to the settings'), (new CUrl('zabbix.php'))->setArgument('action', 'flows.settings')))
	->show();
