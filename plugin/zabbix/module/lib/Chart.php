<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use CCol, CDiv, CLink, CRow, CSpan, CTable, CTag;

/**
 * A stack chart of the top talkers with a list of them below, drawn here and not by a script: the URL widget of Zabbix 6.0
 * shows pages in a sandbox where no script runs.
 */
class Chart {

	public const BUCKETS = 60;
	public const LIMIT = 8;

	// For a widget, which is fetched for itself and holds up nothing, in seconds.
	private const TIMEOUT = 3.0;

	private const WIDTH = 600;
	private const HEIGHT = 150;
	private const LEFT = 62;
	private const BOTTOM = 16;
	private const TOP = 8;

	private const COLORS = ['#4e79a7', '#e1812c', '#59a14f', '#b07aa1', '#76b7b2', '#d4a72c', '#9c755f', '#e15759'];
	private const COLOR_OTHER = '#a5afb8';

	/**
	 * Ask the collector with the signed-in user's own token and draw the answer.
	 *
	 * @param string      $link    Address of the Flows page for the same subject.
	 * @param string|null $target  Where it opens; null where nothing can be opened.
	 *
	 * @throws SidecarException
	 */
	public static function ofSubject(Subject $subject, int $period, string $link, ?string $target = '_top'): CDiv {
		$to = $subject->to_ms ?? (int) (microtime(true) * 1000);
		$from = $subject->from_ms ?? $to - $period * 1000;
		$params = [
			'range' => ['from_ms' => $from, 'to_ms' => $to],
			'by' => ['host'],
			'direction' => 'talkers',
			'limit' => self::LIMIT,
			'buckets' => self::BUCKETS
		];

		if ($subject->wholeFilter() !== '') {
			$params['filter'] = $subject->wholeFilter();
		}

		// Asked first because it is cached: a collector that is down is not waited for by every widget.
		Sidecar::exporters();

		return self::draw(Sidecar::call('flows.top', $params, Token::forUser()['token'], self::TIMEOUT), $link, $target);
	}

	public static function draw(array $result, string $link, ?string $target = '_top'): CDiv {
		$seconds = max(1, ($result['range']['to_ms'] - $result['range']['from_ms']) / 1000);
		// The collector rounds the range to its buckets; nobody wants to read of an hour and one second.
		$period = $seconds >= 10 * SEC_PER_MIN ? (int) round($seconds / SEC_PER_MIN) * SEC_PER_MIN : (int) $seconds;
		$head = (new CDiv([
			new CSpan(_s('%1$s in %2$s', self::bytes($result['totals']['octets']), convertUnitsS($period))),
			$target !== null ? (new CLink(_('Open flows'), $link))->setTarget($target) : ''
		]))->addClass('head');

		return (new CDiv([$head, self::svg($result), self::table($result, $seconds)]))->addClass('flows-chart');
	}

	private static function svg(array $result): CTag {
		$count = max(1, (int) $result['buckets']['count']);
		$width_s = max(0.001, $result['buckets']['width_ms'] / 1000);
		$plot_width = self::WIDTH - self::LEFT;
		$plot_height = self::HEIGHT - self::BOTTOM - self::TOP;
		$base = array_fill(0, $count, 0.0);
		$layers = [];

		foreach ($result['series'] ?? [] as $number => $series) {
			$upper = $base;

			foreach ($series['octets'] as $bucket => $octets) {
				if ($bucket < $count) {
					$upper[$bucket] += $octets * 8 / $width_s;
				}
			}

			$layers[] = [$base, $upper, isset($series['other']) ? self::COLOR_OTHER : self::color($number),
				isset($series['other']) ? _('Other') : self::name($series)
			];
			$base = $upper;
		}

		$top = self::niceTop(max($base));
		$svg = (new CTag('svg', true))
			->setAttribute('viewBox', '0 0 '.self::WIDTH.' '.self::HEIGHT)
			->setAttribute('role', 'img')
			->setAttribute('aria-label', _('Traffic by talker over time'));

		foreach ([0, 0.5, 1] as $part) {
			$y = self::TOP + $plot_height * (1 - $part);
			$svg->addItem(self::line(self::LEFT, $y, self::WIDTH, $y));
			$svg->addItem(self::text(self::LEFT - 5, $y + 3, 'end', self::bits($top * $part)));
		}

		foreach ($layers as [$lower, $upper, $color, $name]) {
			$there = [];
			$back = [];

			for ($bucket = 0; $bucket < $count; $bucket++) {
				// A bucket is flat: what happened inside it is not known.
				foreach ([$bucket, $bucket + 1] as $edge) {
					$x = round(self::LEFT + $plot_width * $edge / $count, 2);
					$there[] = $x.','.round(self::TOP + $plot_height * (1 - $upper[$bucket] / $top), 2);
					$back[] = $x.','.round(self::TOP + $plot_height * (1 - $lower[$bucket] / $top), 2);
				}
			}

			$svg->addItem((new CTag('polygon', true, (new CTag('title', true, $name))))
				->setAttribute('points', implode(' ', $there).' '.implode(' ', array_reverse($back)))
				->setAttribute('fill', $color)
			);
		}

		$format = $result['range']['to_ms'] - $result['range']['from_ms'] > SEC_PER_DAY * 1000
			? DATE_TIME_FORMAT
			: TIME_FORMAT_SECONDS;

		foreach ([0, 0.5, 1] as $part) {
			$ms = $result['range']['from_ms'] + ($result['range']['to_ms'] - $result['range']['from_ms']) * $part;
			$anchor = ['start', 'middle', 'end'][(int) ($part * 2)];
			$svg->addItem(self::text(self::LEFT + $plot_width * $part, self::HEIGHT - 4, $anchor,
				zbx_date2str($format, (int) ($ms / 1000))
			));
		}

		return $svg;
	}

	private static function table(array $result, float $seconds): CTable {
		$table = new CTable();
		$total = max(1, $result['totals']['octets']);
		$row = static fn(string $color, string $name, $octets): CRow => new CRow([
			(new CCol([(new CSpan())->addClass('swatch')->addStyle('background: '.$color.';'), $name]))->addClass('key'),
			(new CCol(self::bits($octets * 8 / $seconds)))->addClass('number'),
			(new CCol(self::bytes($octets)))->addClass('number'),
			(new CCol(round($octets * 100 / $total, 1).' %'))->addClass('number')
		]);

		foreach ($result['rows'] as $number => $talker) {
			$table->addRow($row(self::color($number), self::name($talker), $talker['octets']));
		}

		if (($result['other']['octets'] ?? 0) > 0) {
			$table->addRow($row(self::COLOR_OTHER, _('Other'), $result['other']['octets']));
		}

		return $table;
	}

	private static function name(array $row): string {
		return implode(' ', array_map(static fn($field): string => (string) ($row['label'][$field] ?? $row['key'][$field]),
			array_keys($row['key'])
		));
	}

	private static function color(int $number): string {
		return self::COLORS[$number % count(self::COLORS)];
	}

	/**
	 * The next of 1, 2, 5, 10 ... above the highest value.
	 */
	private static function niceTop(float $highest): float {
		$decade = $highest > 0 ? 10 ** floor(log10($highest)) : 1;

		foreach ([1, 2, 5] as $step) {
			if ($step * $decade >= $highest) {
				return $step * $decade;
			}
		}

		return 10 * $decade;
	}

	private static function bits(float $value): string {
		return convertUnits(['value' => round($value), 'units' => 'bps']);
	}

	private static function bytes(float $value): string {
		return convertUnits(['value' => round($value), 'units' => 'B']);
	}

	private static function line(float $x1, float $y1, float $x2, float $y2): CTag {
		return (new CTag('line', true))
			->setAttribute('x1', $x1)
			->setAttribute('y1', round($y1, 2))
			->setAttribute('x2', $x2)
			->setAttribute('y2', round($y2, 2))
			->setAttribute('stroke', '#8d9aa5')
			->setAttribute('stroke-opacity', '0.35');
	}

	private static function text(float $x, float $y, string $anchor, string $text): CTag {
		return (new CTag('text', true, $text))
			->setAttribute('x', $x)
			->setAttribute('y', round($y, 2))
			->setAttribute('text-anchor', $anchor)
			->setAttribute('font-size', '10')
			->setAttribute('fill', '#8d9aa5');
	}
}
