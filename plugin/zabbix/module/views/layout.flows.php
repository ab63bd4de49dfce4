<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * A view as it is, as HTML. Frames of other sites are refused, as by the core's pages with their default setting.
 *
 * @var CView $this
 * @var array $data
 */

header('Content-Type: text/html; charset=UTF-8');
header('X-Content-Type-Options: nosniff');
header('X-Frame-Options: SAMEORIGIN');
header('Cache-Control: no-store');

echo $data['main_block'];
