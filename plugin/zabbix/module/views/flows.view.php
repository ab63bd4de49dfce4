<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * @var CView $this
 * @var array $data
 */

use Modules\Weir\Lib\Page;

$this->enableLayoutModes();

$box = (new CDiv())
	->setId('flows-down')
	->addClass('flows-down')
	->setAttribute('role', 'status')
	->addItem([
		(new CTag('strong', true, _('No flows can be shown at the moment'))),
		(new CTag('p', true, $data['error'] ?? ''))->addClass('js-reason'),
		(new CTag('p', true, _('This page tries again by itself.')))->addClass('grey')
	]);

if ($data['error'] === null) {
	$box->setAttribute('hidden', 'hidden');
}

$items = [$box];

if ($data['note'] !== null) {
	$items[] = (new CDiv($data['note']))->addClass('flows-note');
}

if ($data['window'] !== null) {
	$items[] = (new CTag('iframe', true))
		->setId('flows-window')
		->addClass('flows-window')
		->setAttribute('title', _('Flows'))
		->setAttribute('data-src', $data['window']);
}

Page::create($data['title'])
	->setWebLayoutMode($this->getLayoutMode())
	->setControls((new CTag('nav', true, (new CList())->addItem(get_icon('kioskmode', ['mode' => $this->getLayoutMode()]))))
		->setAttribute('aria-label', _('Content controls'))
	)
	->addItem((new CTag('link'))
		->setAttribute('rel', 'stylesheet')
		->setAttribute('href', $data['style'])
	)
	->addItem((new CDiv($items))
		->setId('flows')
		->addClass('flows')
		->setAttribute('data-proxy-error', Page::proxyProblem())
		->setAttribute('data-lost', _('The collector does not answer any more.'))
	)
	->addItem((new CTag('script', true))->setAttribute('src', $data['script']))
	->show();
