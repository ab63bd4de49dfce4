<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * @var CView $this
 * @var array $data
 */

use Modules\Weir\Lib\AnyMonitor\LinkRules;
use Modules\Weir\Lib\{ConsoleScripts, ExporterLinks, FlowsUrl, Page, Settings};

$state = static fn(bool $ok, string $text): CSpan => (new CSpan($text))->addClass($ok ? ZBX_STYLE_GREEN : ZBX_STYLE_RED);

if ($data['status'] !== null) {
	$collector = $state(true, _s('Weir %1$s, running for %2$s, %3$s records per second', $data['status']['version'],
		convertUnitsS((int) ($data['status']['uptime_ms'] / 1000)), round($data['status']['records_per_s'], 1)
	));
}
else {
	$collector = $state(false, (string) $data['error']);
}

$connection = (new CFormList())
	->addRow((new CLabel(_('Address of the collector'), 'sidecar_url'))->setAsteriskMark(),
		(new CTextBox('sidecar_url', $data['form']['sidecar_url']))
			->setWidth(ZBX_TEXTAREA_MEDIUM_WIDTH)
			->setAriaRequired()
	)
	->addRow((new CLabel(_('Lifetime of a token'), 'token_ttl'))->setAsteriskMark(), [
		(new CTextBox('token_ttl', $data['form']['token_ttl'], false, 4))
			->setWidth(ZBX_TEXTAREA_NUMERIC_STANDARD_WIDTH)
			->setAriaRequired(),
		' ',
		_s('seconds, %1$s to %2$s; changed rights and sign-outs act within this time', Settings::TOKEN_TTL_MIN,
			Settings::TOKEN_TTL_MAX
		)
	])
	->addRow(_('New exporters'), [
		(new CCheckBox('trust_administrators'))
			->setChecked($data['form']['trust_administrators'])
			->setLabel(_('Link them also to hosts that others than super admins may edit')),
		new CDiv(_('Who edits a host decides its addresses and names, and so which flows its readers see. Off: you choose, below.'))
	])
	->addRow(_('Collector'), $collector)
	->addRow(_('Secret'), $data['secret_problem'] === null
		? $state(true, _s('%1$s can be read by the web server', $data['settings']['secret_file']))
		: $state(false, $data['secret_problem'])
	)
	->addRow(_('Zabbix'), $data['connection']
		? (new CTag('ul', true, array_map(
			static fn(array $check): CTag => (new CTag('li', true, $check['text']))->addClass($check['ok'] ? 'ok' : 'bad'),
			$data['connection']
		)))->addClass('flows-test')
		: ''
	)
	->addRow(_('Test'), [
		(new CSimpleButton(_('Test')))
			->setId('flows-test-button')
			->addClass(ZBX_STYLE_BTN_ALT),
		(new CTag('ul', true))
			->setId('flows-test')
			->addClass('flows-test')
			->setAttribute('role', 'status')
			->setAttribute('data-proxy-ok', _('The web server passes flows/ on to the collector.'))
			->setAttribute('data-proxy-bad', Page::proxyProblem())
			->setAttribute('data-proxy-elsewhere', _('The web server passes flows/ on, and gets no answer.').' '
				._s('Tell it where the collector is: install/zabbix --sidecar %1$s', $data['settings']['sidecar_url'])
			)
			->setAttribute('data-socket-ok', _('The WebSocket flows/ws opens, and the collector takes our token.'))
			->setAttribute('data-socket-bad', _('The WebSocket flows/ws does not open: the web server has to pass on Upgrade.'))
	]);

$exporters = (new CTableInfo())
	->setHeader([_('Exporter'), _('Protocols'), _('Last flows'), _('Records per second'), _('Lost'), _('Sampling'), _('Host'),
		_('Linked by'), _('Actions')
	])
	->setNoDataMessage($data['error'] ?? _('No exporter has sent anything yet.'));

$by = [
	LinkRules::BY_HAND => _('hand'),
	LinkRules::BY_ADDRESS => _('interface address'),
	LinkRules::BY_NAME => _('name')
];

$others = static fn(int $count) => $count > 0
	? [
		BR(),
		(new CSpan(_n('%1$s other host fits as well', '%1$s other hosts fit as well', $count)))
			->addClass(ZBX_STYLE_ORANGE)
	]
	: '';

foreach ($data['exporters'] as $exporter) {
	$link = $exporter['link'];
	$name = $exporter['name'] ?? '';
	$rate = $exporter['sampling']['rate'] ?? null;

	$exporters->addRow([
		[
			$exporter['address'],
			$name !== '' && $name !== $exporter['address'] ? [BR(), (new CSpan($name))->addClass(ZBX_STYLE_GREY)] : ''
		],
		implode(', ', $exporter['protocols'] ?? []),
		$state((bool) $exporter['active'], Page::ago($exporter['last_seen_ms'])),
		round($exporter['records_per_s'] ?? 0, 1),
		$state(($exporter['lost'] ?? 0) == 0, (string) ($exporter['lost'] ?? 0)),
		$rate === null ? _('unknown') : ($rate == 1 ? _('none') : _s('1 in %1$s', $rate)),
		$link !== null
			? new CLink($link['name'], FlowsUrl::to(['hostid' => $link['hostid']]))
			: (new CSpan($exporter['fitting'] ? _('your choice is needed') : _('no host')))->addClass(ZBX_STYLE_RED),
		$link === null
			? implode(', ', array_intersect_key($data['fitting'], array_flip($exporter['fitting'])))
			: [$by[$link['by']], $others($link['others'])],
		new CLink($link !== null ? _('Change') : ($exporter['fitting'] ? _('Choose host') : _('Link or create host')), (new CUrl('zabbix.php'))
			->setArgument('action', 'flows.exporter')
			->setArgument('exporter', $exporter['address'])
		)
	]);
}

$settings = static fn(array $arguments): CUrl => array_reduce(array_keys($arguments),
	static fn(CUrl $url, string $name): CUrl => $url->setArgument($name, $arguments[$name]),
	(new CUrl('zabbix.php'))->setArgument('action', 'flows.settings')
);
$notes = [];

if ($data['old_macros']) {
	$notes[] = (new CDiv(_s('The macro %1$s links nothing any more, because whoever edits a host can set it. Choose the hosts here instead: %2$s.',
		ExporterLinks::OLD_MACRO, implode(', ', $data['old_macros'])
	)))->addClass('flows-note '.ZBX_STYLE_ORANGE);
}

if ($data['count'] > 10) {
	$notes[] = (new CForm('get', 'zabbix.php'))
		->setName('flows-find')
		->addVar('action', 'flows.settings')
		->addItem((new CDiv([
			(new CTextBox('find', $data['find']))
				->setWidth(ZBX_TEXTAREA_STANDARD_WIDTH)
				->setAttribute('placeholder', _('address, name or host')),
			' ',
			new CSubmit('', _('Find'))
		]))->addClass('flows-note'));
}

if ($data['waiting'] > 0) {
	$notes[] = Page::form('flows.exporter.update')->addItem((new CDiv([
		(new CSubmit('accept_all', _n('Link %1$s new exporter to the host that fits', 'Link %1$s new exporters to the hosts that fit',
			$data['waiting']
		)))->addClass(ZBX_STYLE_BTN_ALT),
		' ',
		_('Others than super admins may edit these hosts, and their readers will see the flows: see the list first.')
	]))->addClass('flows-note'));
}

if ($data['alone'] > 1) {
	$notes[] = Page::form('flows.exporter.update')->addItem((new CDiv([
		(new CSubmit('create_all', _s('Create hosts for all %1$s exporters without one', $data['alone'])))->addClass(ZBX_STYLE_BTN_ALT)
	]))->addClass('flows-note'));
}

$left = ($data['found'] ?? 0) - count($data['exporters']);

if ($left > 0) {
	$exporters->setFooter((new CCol(new CLink(_n('%1$s more', '%1$s more', $left),
		$settings(array_filter(['find' => $data['find'], 'all' => '1'], 'strlen'))
	)))->setColSpan(9));
}

$template = $data['template'];
$import = Page::form('flows.template.import')->addItem((new CTabView())->addTab('templates', _('Alerts and values'),
	(new CFormList())
		->addRow(_('Templates'), $template['imported']
			? $state($template['current'], $template['current']
				? _s('"%1$s" and "%2$s" are imported', $template['collector'], $template['exporter'])
				: _s('"%1$s" and "%2$s" are imported, and those of another version', $template['collector'], $template['exporter'])
			)
			: _s('"%1$s" and "%2$s" are not imported yet', $template['collector'], $template['exporter'])
		)
		->addRow(_('Alerts and values in Zabbix'), [
			new CSubmit('import', $template['imported'] ? _('Import again') : _('Import')),
			' ',
			_('Imports both templates, makes a host for the collector, and links every host that exports.')
		])
));

$scripts = Page::form('flows.scripts.make')->addItem((new CTabView())->addTab('scripts', _('Scripts'),
	(new CFormList())
		->addRow(_('Scripts'), $data['scripts'] > 0
			? $state(true, _n('%1$s script is made', '%1$s scripts are made', $data['scripts']))
			: _('not made yet')
		)
		->addRow(_('Console in the menu of hosts'), [
			new CSubmit('make', _('Make scripts')),
			' ',
			_s('Makes scripts below "%1$s" that show what the collector knows, for Zabbix administrators.', ConsoleScripts::MENU)
		])
));

Page::create(_('Flows'))
	->setTitleSubmenu(getAdministrationGeneralSubmenu())
	->addItem((new CTag('link'))
		->setAttribute('rel', 'stylesheet')
		->setAttribute('href', $data['style'])
	)
	->addItem(Page::form('flows.settings.update')->addItem((new CTabView())
		->addTab('connection', _('Connection'), $connection)
		->setFooter(makeFormFooter(new CSubmit('update', _('Update'))))
	))
	->addItem([(new CTag('h4', true, _('Alerts and values')))->addClass('input-section-header flows-section'), $import])
	->addItem([(new CTag('h4', true, _('Scripts')))->addClass('input-section-header flows-section'), $scripts])
	->addItem([(new CTag('h4', true, _('Exporters')))->addClass('input-section-header flows-section'), $notes, $exporters])
	->addItem((new CTag('script', true))->setAttribute('src', $data['script']))
	->show();
