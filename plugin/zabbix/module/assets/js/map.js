/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
**
** On maps, in Monitoring > Maps and in the dashboard widget: links open a menu with the flows of the interfaces behind them,
** and hosts that export carry a badge. Loaded by the manifest's "assets" since 6.4, printed into the page by Module.php before.
*/
(() => {
	'use strict';

	if (typeof SVGMapLink !== 'function' || typeof SVGMapElement !== 'function' || window.weirMap) {
		return;
	}
	window.weirMap = true;

	const SVG = 'http://www.w3.org/2000/svg';
	const HIT_WIDTH = 14;
	const REFRESH_MS = 30000;
	const MISSED_MS = 1000;
	const MAX_MISSED = 10;
	const COLORS = {exporting: '#429e47', stopped: '#e45959'};

	// The map editor draws with the same classes, but its map has no id.
	const isViewed = (map) => map.options.id !== undefined;

	/* Links. The line is 1 or 2 pixels wide: a transparent one over it takes the click. */

	const updateLink = SVGMapLink.prototype.update;

	SVGMapLink.prototype.update = function(options) {
		updateLink.call(this, options);

		// Links with a negative id are drawn between members of a host group and are not in the database.
		if (this.element === null || !isViewed(this.map) || this.options.linkid < 0) {
			return;
		}

		const group = this.element.element;
		const line = group.querySelector('line');

		if (line === null || group.hasAttribute('data-menu-popup')) {
			return;
		}

		const hit = line.cloneNode();

		hit.setAttribute('stroke', 'transparent');
		hit.setAttribute('stroke-width', HIT_WIDTH);
		hit.setAttribute('stroke-dasharray', 'none');
		hit.setAttribute('pointer-events', 'stroke');
		group.insertBefore(hit, line);
		group.style.cursor = 'pointer';
		group.setAttribute('tabindex', '0');
		group.setAttribute('role', 'button');
		group.setAttribute('aria-label', 'Flows of this link');
		group.setAttribute('data-menu-popup', JSON.stringify({
			type: 'flows_link',
			data: {sysmapid: this.map.options.id, linkid: this.options.linkid}
		}));
	};

	/* Badges. One request per map and half a minute, while the page is in view. */

	const maps = new Map();

	const draw = (element, badge) => {
		if (element.weirBadge) {
			element.weirBadge.remove();
			element.weirBadge = null;
		}

		if (badge === undefined || element.image === null || element.image.element.parentNode === null) {
			return;
		}

		const circle = document.createElementNS(SVG, 'circle');
		const title = document.createElementNS(SVG, 'title');

		circle.setAttribute('class', `flows-badge flows-badge-${badge.state}`);
		// A quarter of a small icon at most.
		const radius = Math.max(3, Math.min(6, element.width / 8));

		circle.setAttribute('cx', element.x + element.width - radius - 1);
		circle.setAttribute('cy', element.y + radius + 1);
		circle.setAttribute('r', radius);
		circle.setAttribute('fill', badge.state === 'exporting' ? COLORS.exporting : '#ffffff');
		circle.setAttribute('stroke', badge.state === 'exporting' ? '#ffffff' : COLORS.stopped);
		circle.setAttribute('stroke-width', badge.state === 'exporting' ? radius / 4 : radius / 2);
		title.textContent = badge.title;
		circle.append(title);
		element.image.element.parentNode.append(circle);
		element.weirBadge = circle;
	};

	// The core draws each member of a host group by itself, with an id of the moment: such an element is known by its host.
	const badgeOf = (entry, {selementid, actions}) => {
		const hostid = actions ? JSON.parse(actions).data?.hostid : undefined;

		return hostid === undefined ? entry.badges[selementid] : entry.members[hostid];
	};

	const refresh = async (id) => {
		const entry = maps.get(id);
		const living = [...entry.elements].filter((element) => element.image !== null
			&& element.image.element.isConnected
		);

		if (living.length === 0) {
			// Not drawn yet, or not any more.
			if (++entry.missed < MAX_MISSED) {
				setTimeout(refresh, MISSED_MS, id);
			}
			else {
				maps.delete(id);
			}

			return;
		}

		entry.elements = new Set(living);
		entry.missed = 0;

		if (!document.hidden) {
			try {
				const answer = await fetch(`zabbix.php?action=flows.badges&sysmapid=${encodeURIComponent(id)}`);

				// What a session that has ended gets has neither.
				({badges: entry.badges = {}, members: entry.members = {}} = await answer.json());
			}
			catch (error) {
				entry.badges = {};
				entry.members = {};
			}

			entry.elements.forEach((element) => draw(element, badgeOf(entry, element.options)));
		}

		setTimeout(refresh, REFRESH_MS, id);
	};

	const updateElement = SVGMapElement.prototype.update;

	SVGMapElement.prototype.update = function(options) {
		updateElement.call(this, options);

		if (!isViewed(this.map)) {
			return;
		}

		const id = this.map.options.id;

		if (!maps.has(id)) {
			maps.set(id, {elements: new Set(), badges: {}, members: {}, missed: 0});
			setTimeout(refresh, 0, id);
		}

		const entry = maps.get(id);

		entry.elements.add(this);
		draw(this, badgeOf(entry, this.options));
	};
})();
