<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use CWebUser;
use Modules\Weir\Lib\AnyMonitor\SignedToken;

/**
 * Tokens for the collector: who a user is, and which exporters that user may see.
 */
class Token {

	// The collector takes none that is longer.
	private const MAX_LENGTH = 16384;

	/**
	 * A token for the signed-in user. A super admin's has no list of exporters and so reaches all of them; anyone else's
	 * has those linked to hosts which that user may read now.
	 *
	 * @return array  'token', 'expires_ms'.
	 *
	 * @throws SidecarException
	 */
	public static function forUser(): array {
		$claims = ['sub' => CWebUser::$data['username']];

		if (CWebUser::getType() == USER_TYPE_SUPER_ADMIN) {
			$claims['role'] = 'admin';
		}
		else {
			// Who administers no host looks only, as in Zabbix, where maintenance is an administrator's.
			$claims['role'] = CWebUser::getType() == USER_TYPE_ZABBIX_ADMIN ? 'user' : 'viewer';
			$claims['exporters'] = array_map('strval', array_keys(ExporterLinks::readable()));
		}

		$token = SignedToken::make($claims, Settings::get()['token_ttl'], Secret::read());

		if (strlen($token['token']) > self::MAX_LENGTH) {
			throw new SidecarException(_s('You may see %1$s exporters, and a token names no more than about %2$s.',
				count($claims['exporters']), (int) floor(count($claims['exporters']) * self::MAX_LENGTH / strlen($token['token']))
			).' '._('Ask for a user that reads fewer hosts, or for a super admin, who needs no list.'), SidecarException::TOO_MANY);
		}

		return $token;
	}

	/**
	 * A token for the module's own questions, never handed to a browser.
	 *
	 * @throws SidecarException
	 */
	public static function forModule(): string {
		return SignedToken::make(['sub' => 'zabbix-frontend', 'role' => 'admin'], 30, Secret::read())['token'];
	}
}
