<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

/**
 * The secret that this module and the collector share: a file of at least 32 characters.
 */
class Secret {

	private const MIN_LENGTH = 32;

	/**
	 * @throws SidecarException  with words for a super admin.
	 */
	public static function read(): string {
		$problem = self::problem();

		if ($problem !== null) {
			throw new SidecarException($problem, SidecarException::SECRET);
		}

		return trim(file_get_contents(Settings::get()['secret_file']));
	}

	/**
	 * What is wrong with the secret file and how to fix it, or null.
	 */
	public static function problem(): ?string {
		$file = Settings::get()['secret_file'];
		// In a container the user may have no name.
		$user = function_exists('posix_getpwuid') ? posix_getpwuid(posix_geteuid())['name'] ?? null : null;
		$user ??= _('the web server');

		if (!@file_exists($file)) {
			return _s('The secret %1$s does not exist, or %2$s may not look into its folder. Run install/zabbix again.',
				$file, $user
			);
		}

		if (!is_readable($file)) {
			return _s('%2$s cannot read the secret %1$s. Its group has to be that of the web server and its mode 0640.',
				$file, $user
			);
		}

		if (strlen(trim((string) file_get_contents($file))) < self::MIN_LENGTH) {
			return _s('The secret %1$s is too short: at least %2$s characters are needed.', $file, self::MIN_LENGTH);
		}

		if (fileperms($file) & 0007) {
			return _s('Every user of this machine can read the secret %1$s. Its mode has to be 0640.', $file);
		}

		return null;
	}
}
