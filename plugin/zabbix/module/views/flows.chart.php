<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * A document of its own, without the menu. Scripts are not needed.
 *
 * @var CView $this
 * @var array $data
 */

$head = (new CTag('head', true))
	->addItem((new CTag('meta'))->setAttribute('charset', 'utf-8'))
	->addItem(new CTag('title', true, $data['title']));

foreach (['assets/styles/'.$data['theme'].'.css', $data['style']] as $file) {
	$head->addItem((new CTag('link'))->setAttribute('rel', 'stylesheet')->setAttribute('href', $file));
}

$body = (new CTag('body', true))
	->addClass('flows-page')
	->addClass('flows-page-'.$data['theme'])
	->addItem((new CTag('strong', true, $data['title']))->addClass('title'))
	->addItem($data['chart'] ?? makeMessageBox(ZBX_STYLE_MSG_BAD, [], $data['error'], false));

echo '<!DOCTYPE html>';
(new CTag('html', true, [$head, $body]))->show();
