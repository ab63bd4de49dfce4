<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use Exception;

/**
 * The collector cannot be asked or answers with an error; the message is for people.
 */
class SidecarException extends Exception {

	public const UNREACHABLE = 1;
	public const SECRET = 2;
	public const REFUSED = 3;
	public const ANSWER = 4;
	public const TOO_MANY = 5;
}
