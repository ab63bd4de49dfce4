<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use Modules\Weir\Lib\AnyMonitor\Cache;

/**
 * JSON-RPC calls to the collector. Nothing waits longer than its time-out, and a collector that did not answer is left
 * alone for a few seconds, so that no page of Zabbix becomes slow because of it.
 */
class Sidecar {

	// For what is part of a page or a menu, in seconds.
	public const TIMEOUT = 0.2;

	private const EXPORTERS_TTL = 10;
	private const DOWN_TTL = 5;
	private const MAX_ANSWER = 8388608;

	// ECONNREFUSED of Linux; the constant of PHP's sockets extension may be missing.
	private const CONNECTION_REFUSED = 111;

	/**
	 * The exporters that the collector knows, by address.
	 *
	 * @throws SidecarException
	 */
	public static function exporters(): array {
		$exporters = Cache::get('exporters', self::EXPORTERS_TTL);

		if ($exporters === null) {
			$exporters = array_column(self::ask('exporters.list', [])['exporters'], null, 'address');
			Cache::set('exporters', $exporters);
		}

		return $exporters;
	}

	/**
	 * Like call(), but not while the collector is known to be down. With the module's own token.
	 *
	 * @throws SidecarException
	 */
	public static function ask(string $method, array $params, float $timeout = self::TIMEOUT): array {
		$down = Cache::get('down', self::DOWN_TTL);

		if ($down !== null) {
			throw new SidecarException($down['message'], $down['code']);
		}

		try {
			return self::call($method, $params, Token::forModule(), $timeout);
		}
		catch (SidecarException $e) {
			if ($e->getCode() != SidecarException::ANSWER) {
				Cache::set('down', ['message' => $e->getMessage(), 'code' => $e->getCode()]);
			}

			throw $e;
		}
	}

	/**
	 * One JSON-RPC call.
	 *
	 * @param float $timeout  For all of it, in seconds.
	 *
	 * @throws SidecarException
	 */
	public static function call(string $method, array $params, string $token, float $timeout): array {
		$url = Settings::get()['sidecar_url'];
		$answer = json_decode(self::exchange($url, 'POST', '/rpc', $token, json_encode([
			'jsonrpc' => '2.0',
			'id' => 1,
			'method' => $method,
			'params' => (object) $params
		]), $timeout), true);

		if (is_array($answer) && isset($answer['error'])) {
			if ($answer['error']['code'] == -32001) {
				throw new SidecarException(self::refusal((string) $answer['error']['message']), SidecarException::REFUSED);
			}

			throw new SidecarException(_s('The collector answers %1$s with: %2$s', $method, $answer['error']['message']),
				SidecarException::ANSWER
			);
		}

		if (!is_array($answer) || !is_array($answer['result'] ?? null)) {
			throw new SidecarException(_s('What answers at %1$s is not the collector.', $url), SidecarException::UNREACHABLE);
		}

		return $answer['result'];
	}

	/**
	 * The collector's figures, as it shows them to Prometheus: [name => number], those without labels.
	 *
	 * @throws SidecarException
	 */
	public static function figures(float $timeout = self::TIMEOUT): array {
		$text = self::exchange(Settings::get()['sidecar_url'], 'GET', '/metrics', Token::forModule(), '', $timeout);
		preg_match_all('/^(weir_[a-z_]+) (\d+)$/m', $text, $matches);

		return array_map('intval', array_combine($matches[1], $matches[2]));
	}

	/**
	 * Why our token was refused, in the collector's words, with what to do.
	 */
	private static function refusal(string $message): string {
		$why = _s('The collector refuses our token: %1$s.', preg_replace('/^Not authenticated: /', '', $message));

		if (preg_match('/expired|not valid yet/', $message)) {
			return $why.' '._('The clocks of both machines differ by more than a token lives: let NTP set both.');
		}

		return strpos($message, 'restart it') !== false
			? $why.' '._('On its machine: systemctl restart weir, or end "weir run" and start it again.')
			: $why.' '._s('Its secret (api.secret_file in weir.toml) has to be the same as %1$s here; after a change it has to be restarted.',
				Settings::get()['secret_file']
			);
	}

	/**
	 * Why there is no connection, as far as PHP says; of a failed TLS handshake it says nothing.
	 */
	private static function reason(string $errstr, bool $tls): string {
		if ($errstr !== '') {
			return $errstr;
		}

		return $tls
			? _('no TLS connection in time. Its certificate has to be valid for this name and known to this machine.')
			: _('no answer');
	}

	/**
	 * The body of an answer. HTTP/1.0, so that it ends with the connection.
	 */
	private static function exchange(string $url, string $method, string $path, string $token, string $body,
			float $timeout): string {
		$parts = parse_url($url);
		$tls = $parts['scheme'] === 'https';
		$port = $parts['port'] ?? ($tls ? 443 : 80);
		$deadline = microtime(true) + $timeout;
		$socket = @stream_socket_client(($tls ? 'tls://' : 'tcp://').$parts['host'].':'.$port, $errno, $errstr, $timeout);

		if ($socket === false) {
			throw new SidecarException($errno == self::CONNECTION_REFUSED
				? _s('Nothing listens at %1$s. Start the collector there: systemctl start weir, or weir run.', $url)
				: _s('The collector at %1$s cannot be reached: %2$s', $url, self::reason($errstr, $tls)),
				SidecarException::UNREACHABLE
			);
		}

		stream_set_blocking($socket, false);
		$out = $method.' '.($parts['path'] ?? '').$path." HTTP/1.0\r\nHost: ".$parts['host'].':'.$port."\r\n".
			'Authorization: Bearer '.$token."\r\nContent-Type: application/json\r\nContent-Length: ".strlen($body).
			"\r\nConnection: close\r\n\r\n".$body;
		$in = '';

		while (!feof($socket)) {
			$left = $deadline - microtime(true);

			if ($left <= 0 || strlen($in) > self::MAX_ANSWER) {
				fclose($socket);

				throw new SidecarException($left <= 0
					? _s('The collector at %1$s did not answer within %2$s ms.', $url, (int) round($timeout * 1000))
					: _s('The answer of the collector at %1$s is too long.', $url), SidecarException::UNREACHABLE
				);
			}

			$read = [$socket];
			$write = $out !== '' ? [$socket] : null;
			$except = null;

			if (!@stream_select($read, $write, $except, 0, (int) ($left * 1000000))) {
				continue;
			}

			if ($write) {
				$out = substr($out, (int) @fwrite($socket, $out));
			}

			if ($read) {
				// False when the collector has reset the connection, which ends it too.
				$in .= (string) @fread($socket, 65536);
			}
		}

		fclose($socket);

		if ($in === '') {
			throw new SidecarException(_s('%1$s closed the connection without an answer.', $url).' '
				._('Is it the collector, and with or without TLS as the address says (http, https)?'),
				SidecarException::UNREACHABLE
			);
		}

		$end = strpos($in, "\r\n\r\n");

		return $end !== false ? substr($in, $end + 4) : '';
	}
}
