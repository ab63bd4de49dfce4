<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use API;
use Modules\Weir\Lib\AnyMonitor\LinkRules;

/**
 * What a page, chart or widget shows: a title, a filter and perhaps a time, made out of the ids in its address. Everything is
 * read in the user's session, so that what the user may not read does not exist.
 */
class Subject {

	// Rules for CController::validateInput().
	public const RULES = [
		'hostid' => 'db hosts.hostid',
		'scope' => 'in device,host',
		// Up to ten digits (RFC 2863), and in flows more than the core's numeric rules take.
		'ifindex' => 'id',
		'direction' => 'in in,out',
		'eventid' => 'db events.eventid',
		'exporter' => 'string',
		'filter' => 'string',
		// Epoch milliseconds: more than the core's numeric rules take.
		'from' => 'string',
		'to' => 'string'
	];

	// Tag of a problem that Weir raised: the filter of the alert.
	public const TAG_FILTER = 'weir_filter';

	// How much is shown before the start and after the end of a problem, in seconds.
	private const AROUND_PROBLEM = 600;

	public string $title = '';

	// One exporter and one interface have fields of their own in the Flows window; everything else is said by the filter.
	public ?string $exporter = null;
	public ?int $ifindex = null;
	public string $filter = '';

	public ?int $from_ms = null;
	public ?int $to_ms = null;

	// The moment that the view is about, inside the range.
	public ?int $at_ms = null;

	// What there is to say besides, for example that a host does not export.
	public ?string $note = null;

	/**
	 * @return Subject|null  Null if the user may not read what the input names, or it does not exist.
	 *
	 * @throws SidecarException
	 */
	public static function fromInput(array $input): ?self {
		$subject = new self();

		if (array_key_exists('eventid', $input)) {
			if (!$subject->setProblem($input['eventid'])) {
				return null;
			}
		}
		elseif (array_key_exists('hostid', $input)) {
			if (!$subject->setHost($input['hostid'], $input)) {
				return null;
			}
		}
		elseif (array_key_exists('exporter', $input) && LinkRules::canonical($input['exporter']) !== null) {
			$subject->title = $input['exporter'];
			$subject->setDevice([$input['exporter']], array_key_exists('ifindex', $input) ? (int) $input['ifindex'] : null,
				$input['direction'] ?? ''
			);
		}

		if (array_key_exists('filter', $input) && $input['filter'] !== '') {
			$subject->filter = $subject->filter === ''
				? $input['filter']
				: '('.$subject->filter.') and ('.$input['filter'].')';
		}

		$from = $input['from'] ?? '';
		$to = $input['to'] ?? '';

		if (preg_match('/^\d{1,15}$/', $from) && preg_match('/^\d{1,15}$/', $to) && (int) $from < (int) $to) {
			$subject->from_ms = (int) $from;
			$subject->to_ms = (int) $to;
		}

		return $subject;
	}

	/**
	 * What follows "#" in the address of the Flows window.
	 */
	public function fragment(array $more = []): string {
		return http_build_query(array_filter([
			'exporter' => $this->exporter,
			'if' => $this->ifindex,
			'filter' => $this->filter,
			'from' => $this->from_ms,
			'to' => $this->to_ms,
			'at' => $this->at_ms
		], static fn($value): bool => $value !== null && $value !== '') + $more, '', '&', PHP_QUERY_RFC3986);
	}

	/**
	 * All of it as one filter, for a question to the collector.
	 */
	public function wholeFilter(): string {
		if ($this->exporter === null) {
			return $this->filter;
		}

		$device = FlowFilter::device([$this->exporter], $this->ifindex);

		return $this->filter === '' ? $device : $device.' and ('.$this->filter.')';
	}

	/**
	 * @param string[] $addresses  Exporters; one in nearly every case.
	 * @param string   $direction  'in', 'out' or '' for both.
	 */
	private function setDevice(array $addresses, ?int $index, string $direction): void {
		if (count($addresses) > 1) {
			$this->filter = FlowFilter::device($addresses, $index, $direction);

			return;
		}

		$this->exporter = $addresses[0];

		if ($index !== null && $direction !== '') {
			$this->filter = FlowFilter::port($index, $direction);
		}
		else {
			$this->ifindex = $index;
		}
	}

	private function setHost(string $hostid, array $input): bool {
		$hosts = API::Host()->get(['output' => ['name'], 'hostids' => $hostid]);

		if (!$hosts) {
			return false;
		}

		$this->title = $hosts[0]['name'];

		if (($input['scope'] ?? 'device') === 'host') {
			$this->title = _s('%1$s as client or server', $this->title);
			$this->setHostFilter($hostid);

			return true;
		}

		$addresses = ExporterLinks::addressesOf($hostid);

		if (!$addresses) {
			$this->note = _('No exporter is linked to this host. Shown are its flows as client or server, seen by others.');
			$this->setHostFilter($hostid);

			return true;
		}

		$index = array_key_exists('ifindex', $input) ? (int) $input['ifindex'] : null;
		$direction = $input['direction'] ?? '';
		$this->setDevice($addresses, $index, $direction);

		if ($index !== null) {
			$this->title .= ' '.Interfaces::label($index, self::interfaceOf($hostid, $index));
			$this->title .= ['in' => ', '._('in'), 'out' => ', '._('out')][$direction] ?? '';
		}

		return true;
	}

	private function setHostFilter(string $hostid): void {
		$filter = FlowFilter::host($hostid);

		if ($filter === null) {
			// Nothing may be shown rather than everything.
			$this->filter = 'host 0.0.0.0';
			$this->note = _('This host has no address by which its flows could be found.').' '
				._('Give one of its interfaces an IP address.');
		}
		else {
			$this->filter = $filter;
		}
	}

	private static function interfaceOf(string $hostid, int $index): ?array {
		return Interfaces::known($hostid)[$index] ?? null;
	}

	private function setProblem(string $eventid): bool {
		$events = API::Event()->get([
			'output' => ['clock', 'name', 'r_eventid', 'objectid'],
			'selectHosts' => ['hostid'],
			'selectTags' => ['tag', 'value'],
			'eventids' => $eventid
		]);

		if (!$events || !$events[0]['hosts']) {
			return false;
		}

		$event = $events[0];
		$hostid = $event['hosts'][0]['hostid'];
		$tags = array_column($event['tags'], 'value', 'tag');

		if (!$this->setHost($hostid, self::interfaceOfTrigger($event['objectid'], $hostid))) {
			return false;
		}

		if (($tags[self::TAG_FILTER] ?? '') !== '') {
			// All of it is said by the filter, whatever is known of the host.
			$this->exporter = null;
			$this->ifindex = null;
			$this->note = null;
			$this->filter = $tags[self::TAG_FILTER];
		}

		$recovery = $event['r_eventid'] != 0
			? API::Event()->get(['output' => ['clock'], 'eventids' => $event['r_eventid']])
			: [];
		$end = $recovery ? (int) $recovery[0]['clock'] : (int) $event['clock'];

		$this->title = $event['name'];
		$this->at_ms = $event['clock'] * 1000;
		$this->from_ms = ($event['clock'] - self::AROUND_PROBLEM) * 1000;
		$this->to_ms = min($end + self::AROUND_PROBLEM, time()) * 1000;

		return true;
	}

	/**
	 * The input of setHost() for the interface that the items of a trigger are about, if they agree on one.
	 */
	private static function interfaceOfTrigger(string $triggerid, string $hostid): array {
		$triggers = API::Trigger()->get([
			'output' => [],
			'selectItems' => ['itemid', 'hostid', 'key_'],
			'triggerids' => $triggerid
		]);
		$items = [];

		foreach ($triggers ? $triggers[0]['items'] : [] as $item) {
			if (bccomp($item['hostid'], $hostid) == 0) {
				$items[] = $item;
			}
		}

		$indexes = Interfaces::indexesOf($hostid, $items);

		return count($indexes) == 1 ? ['ifindex' => reset($indexes)] : [];
	}
}
