<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

/**
 * A token as JSON. The core's layout for JSON lets a browser keep the answer; this one is kept nowhere.
 *
 * @var CView $this
 * @var array $data
 */

header('Content-Type: application/json');
header('X-Content-Type-Options: nosniff');
header('Cache-Control: no-store');

echo $data['main_block'];
