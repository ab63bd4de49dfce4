/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
**
** The submenu of a device's interfaces is a long one, and the core opens it downwards from its entry wherever that is: it is moved up
** by what does not fit the screen. Loaded by the manifest's "assets" since 6.4, printed into the page by Module.php before.
*/
(() => {
	'use strict';

	if (window.weirMenu) {
		return;
	}
	window.weirMenu = true;

	const MARGIN = 4;
	const watched = new WeakSet();

	const fit = (menu) => {
		const {top, bottom, height} = menu.getBoundingClientRect();
		const beyond = Math.min(bottom + MARGIN - window.innerHeight, top - MARGIN);

		if (height > 0 && beyond > 0) {
			menu.style.top = `${parseFloat(menu.style.top) - beyond}px`;
		}
	};

	// Opened by the pointer or by keys: the core, which lets the event go no further, sets its place then or a little later.
	const watch = ({target}) => {
		const menu = target.closest?.('.menu-popup li')?.querySelector(':scope > .menu-popup');

		if (!menu || watched.has(menu) || !menu.querySelector('a[href*="action=flows."]')) {
			return;
		}

		watched.add(menu);
		new MutationObserver(() => fit(menu)).observe(menu, {attributes: true, attributeFilter: ['style']});
		fit(menu);
	};

	document.addEventListener('mouseover', watch, true);
	document.addEventListener('focusin', watch, true);
})();
