<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use CWebUser;

/**
 * Tokens for the collector: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256 (RFC 7518, section 3.2).
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

		$token = self::issue($claims, Settings::get()['token_ttl']);

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
		return self::issue(['sub' => 'zabbix-frontend', 'role' => 'admin'], 30)['token'];
	}

	private static function issue(array $claims, int $ttl): array {
		$now = time();
		$claims += ['iat' => $now, 'exp' => $now + $ttl];
		$signed = self::base64url('{"alg":"HS256","typ":"JWT"}').'.'
			.self::base64url(json_encode($claims, JSON_UNESCAPED_SLASHES));

		return [
			'token' => $signed.'.'.self::base64url(hash_hmac('sha256', $signed, Secret::read(), true)),
			'expires_ms' => $claims['exp'] * 1000
		];
	}

	private static function base64url(string $bytes): string {
		return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
	}
}
