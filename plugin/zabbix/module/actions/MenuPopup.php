<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Actions;

use API, CControllerMenuPopup, CControllerResponseData;
use Modules\Weir\Lib\{ExporterLinks, FlowFilter, FlowsUrl, Interfaces, MapLink, Page, Sidecar, SidecarException, Subject};

/**
 * The core's popup menus with the entries of Weir: for hosts (maps, Hosts, Problems, Latest data, dashboards), for problems,
 * and a menu of our own for a link of a map (type "flows_link", see assets/js/map.js). Without the collector the menus are
 * the core's.
 */
class MenuPopup extends CControllerMenuPopup {

	// So many fit a screen; the busiest come first.
	private const MAX_INTERFACES = 15;

	protected function checkInput(): bool {
		if (getRequest('type') !== 'flows_link') {
			return parent::checkInput();
		}

		$ret = $this->validateInput(['type' => 'required|in flows_link', 'data' => 'required|array'])
			&& self::isId($this->getInput('data')['sysmapid'] ?? null)
			&& self::isId($this->getInput('data')['linkid'] ?? null);

		if (!$ret) {
			$this->respond(['error' => ['messages' => [_('Incorrect identifiers of a map link.')]]]);
		}

		return $ret;
	}

	protected function doAction(): void {
		if ($this->getInput('type') === 'flows_link') {
			$data = $this->getInput('data');
			// The core's menu of nothing but links.
			$this->respond(['data' => ['type' => 'map_element_image'] + $this->linkUrls($data['sysmapid'], $data['linkid'])]);

			return;
		}

		parent::doAction();

		$output = json_decode($this->getResponse()->getData()['main_block'], true);

		if (!isset($output['data']['type']) || !Page::isAllowed()) {
			return;
		}

		try {
			$urls = [];

			if ($output['data']['type'] === 'host') {
				$urls = self::hostUrls($output['data']['hostid']);
			}
			elseif ($output['data']['type'] === 'trigger' && isset($this->getInput('data')['eventid'])) {
				$urls = self::problemUrls($this->getInput('data')['eventid']);
			}
		}
		catch (SidecarException $e) {
			return;
		}

		if ($urls) {
			$output['data']['urls'] = array_merge($urls, $output['data']['urls'] ?? []);
			$this->respond($output);
		}
	}

	/**
	 * @throws SidecarException
	 */
	private static function hostUrls(string $hostid): array {
		$urls = [];
		$addresses = ExporterLinks::addressesOf($hostid);

		if ($addresses) {
			$urls[] = FlowsUrl::entry(_('Flows (all it exports)'), ['hostid' => $hostid]);
			$interfaces = self::interfaceUrls($hostid, $addresses);

			if ($interfaces) {
				$urls = array_merge($urls, FlowsUrl::submenu(_('Flows of an interface'), $interfaces));
			}
		}

		if (FlowFilter::host($hostid) !== null) {
			$urls[] = FlowsUrl::entry(_('Flows of this host (as client or server)'), ['hostid' => $hostid, 'scope' => 'host']);
		}

		return $urls;
	}

	/**
	 * The interfaces of the device, those with most flows first, each with what Zabbix knows of it.
	 */
	private static function interfaceUrls(string $hostid, array $addresses): array {
		$named = Interfaces::ofHost($hostid);
		$seen = [];

		foreach (array_intersect_key(Sidecar::exporters(), array_flip($addresses)) as $exporter) {
			$seen += array_column($exporter['interfaces'] ?? [], null, 'index');
		}

		$labels = [];
		$rates = [];

		foreach (array_keys($seen + $named) as $index) {
			$interface = ($named[$index]['name'] ?? '') !== '' ? $named[$index] : $seen[$index] ?? null;
			$labels[$index] = Interfaces::label($index, $interface);
			// None of those that no flow has named lately.
			$rates[$index] = $seen[$index]['flow_bps'] ?? -1;
		}

		uksort($labels, static fn(int $a, int $b): int => $rates[$b] <=> $rates[$a]
			?: strnatcasecmp($labels[$a], $labels[$b])
		);
		$urls = [];

		foreach (array_slice($labels, 0, self::MAX_INTERFACES, true) as $index => $label) {
			$urls[] = FlowsUrl::entry($label, ['hostid' => $hostid, 'ifindex' => $index]);
		}

		if (count($labels) > self::MAX_INTERFACES) {
			$urls[] = FlowsUrl::entry(_s('%1$s more, in the window', count($labels) - self::MAX_INTERFACES), ['hostid' => $hostid]);
		}

		return $urls;
	}

	private static function problemUrls(string $eventid): array {
		// The same page decides what to show; here only whether there is something to show.
		$events = API::Event()->get(['output' => [], 'selectHosts' => ['hostid'], 'selectTags' => ['tag', 'value'],
			'eventids' => $eventid
		]);

		if (!$events) {
			return [];
		}

		// An alert that is about no device is a problem of the collector's own host, which has neither exporter nor address.
		$by_filter = (array_column($events[0]['tags'], 'value', 'tag')[Subject::TAG_FILTER] ?? '') !== '';

		foreach ($events[0]['hosts'] as $host) {
			if ($by_filter || ExporterLinks::addressesOf($host['hostid']) || FlowFilter::host($host['hostid']) !== null) {
				return [FlowsUrl::entry(_('Flows at this time'), ['eventid' => $eventid])];
			}
		}

		return [];
	}

	private function linkUrls(string $sysmapid, string $linkid): array {
		$urls = [];

		if (!Page::isAllowed()) {
			return [];
		}

		try {
			foreach (MapLink::ends($sysmapid, $linkid) ?? [] as $hostid => $end) {
				if (!ExporterLinks::addressesOf((string) $hostid)) {
					continue;
				}

				if (!$end['indexes']) {
					$urls[] = FlowsUrl::entry(_s('Flows of %1$s', $end['name']), ['hostid' => $hostid]);

					continue;
				}

				$named = Interfaces::known((string) $hostid);

				foreach ($end['indexes'] as $index) {
					// The core cuts an entry at 250 pixels: what differs comes first, and the alias is said once.
					$interface = $named[$index] ?? null;
					$name = Interfaces::label($index, $interface !== null ? ['alias' => ''] + $interface : null).', '.$end['name'];
					$target = ['hostid' => $hostid, 'ifindex' => $index];

					$urls[] = FlowsUrl::entry(Interfaces::label($index, $interface).', '.$end['name'], $target);
					$urls[] = FlowsUrl::entry(_s('In: %1$s', $name), $target + ['direction' => 'in']);
					$urls[] = FlowsUrl::entry(_s('Out: %1$s', $name), $target + ['direction' => 'out']);
				}
			}
		}
		catch (SidecarException $e) {
			return [];
		}

		return $urls ? ['urls' => $urls] : [];
	}

	private function respond(array $output): void {
		$this->setResponse(new CControllerResponseData(['main_block' => json_encode($output)]));
	}

	private static function isId($value): bool {
		return is_string($value) && preg_match('/^[0-9]{1,19}$/', $value) === 1;
	}
}
