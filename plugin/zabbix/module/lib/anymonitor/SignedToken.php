<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib\AnyMonitor;

/**
 * JSON Web Tokens (RFC 7519) signed with HMAC-SHA256 (RFC 7518, section 3.2), as the collector takes them.
 */
class SignedToken {

	/**
	 * @return array  'token', 'expires_ms'.
	 */
	public static function make(array $claims, int $ttl, string $secret): array {
		$now = time();
		$claims += ['iat' => $now, 'exp' => $now + $ttl];
		$signed = self::base64url('{"alg":"HS256","typ":"JWT"}').'.'
			.self::base64url(json_encode($claims, JSON_UNESCAPED_SLASHES));

		return [
			'token' => $signed.'.'.self::base64url(hash_hmac('sha256', $signed, $secret, true)),
			'expires_ms' => $claims['exp'] * 1000
		];
	}

	private static function base64url(string $bytes): string {
		return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
	}
}
