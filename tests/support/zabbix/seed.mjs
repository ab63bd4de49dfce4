// A small network in a stock Zabbix: three devices that export, one that nobody monitors, a map, a trigger, three users.
// The interface items are those that the stock template of Cisco IOS would discover, as trapper items.
export const DEVICES = {
	'edge-r1': {address: '127.0.0.11', group: 'Edge', icon: 'Router_(96)', interfaces: {1: ['Gi0/1', 'lan', 1e9], 3: ['Gi0/3', 'uplink-isp-a', 1e9]}},
	'core-sw1': {address: '127.0.0.12', group: 'Core', icon: 'Switch_(96)', interfaces: {1: ['Te1/1/1', 'to edge-r1', 1e10]}},
	'branch-gw': {address: '10.99.0.1', group: 'Edge', icon: 'Router_(96)', interfaces: {}}
};
export const UNKNOWN_EXPORTER = '127.0.0.99';
export const NAMED_EXPORTER = ['127.0.0.13', 'branch-gw'];
export const PASSWORD = 'Weir-flows-77';
export const TRIGGER = 'Load of Gi0/3 is high';

const TYPE_TRAPPER = 2;
const ROLE_USER = '1';
const TEMPLATE = 'Cisco IOS by SNMP';
const COLUMNS = ['net.if.in[ifHCInOctets.', 'net.if.out[ifHCOutOctets.', 'net.if.speed[ifHighSpeed.'];

// The item prototypes of the stock template of Cisco IOS, by the beginning of their keys.
const stockPrototypes = async (api) => {
	const found = await api.call('itemprototype.get', {
		output: ['key_', 'name', 'units', 'value_type'], selectTags: ['tag', 'value'], selectHosts: ['host'], templated: true,
		search: {key_: COLUMNS}, searchByAny: true, startSearch: true
	});
	const ours = COLUMNS.map((column) => found.find((one) => one.key_.startsWith(column) && one.hosts[0].host === TEMPLATE));

	if (ours.includes(undefined)) {
		throw new Error(`the stock template of Cisco IOS has no ${COLUMNS}`);
	}

	return ours;
};

// {ifIndex: [name, alias]} to items of a host.
export const interfaceItems = async (api, hostid, interfaces) => {
	const prototypes = await stockPrototypes(api);
	const filled = (text, index, [name, alias]) => text.replaceAll('{#SNMPINDEX}', index).replaceAll('{#IFNAME}', name).replaceAll('{#IFALIAS}', alias);

	return Object.entries(interfaces).flatMap(([index, names]) => prototypes.map((one) => ({
		hostid, key_: filled(one.key_, index, names), name: filled(one.name, index, names), units: one.units, value_type: one.value_type,
		type: TYPE_TRAPPER, delay: '0', tags: one.tags.map(({tag, value}) => ({tag, value: filled(value, index, names)}))
	})));
};

export const seedDevice = async (api, name, device) => {
	const groupid = await api.ensure('hostgroup', 'groupid', {name: device.group}, {name: device.group});
	const hostid = await api.ensure('host', 'hostid', {host: name}, {
		host: name, groups: [{groupid}],
		interfaces: [{type: 2, main: 1, useip: 1, ip: device.address, dns: '', port: '161', details: {version: 2, community: 'public'}}]
	});
	const present = (await api.call('item.get', {hostids: hostid, output: ['key_']})).map((one) => one.key_);
	const wanted = (await interfaceItems(api, hostid, device.interfaces)).filter((one) => !present.includes(one.key_));

	if (wanted.length > 0) {
		await api.call('item.create', wanted);
	}

	return hostid;
};

const seedMap = async (api, hosts, triggerid) => {
	const images = Object.fromEntries((await api.call('image.get', {output: ['imageid', 'name'], filter: {imagetype: 1}})).map((one) => [one.name, one.imageid]));
	const places = {'edge-r1': [120, 140], 'core-sw1': [470, 140], 'branch-gw': [300, 330]};
	const elements = Object.keys(DEVICES).map((name, index) => ({
		selementid: String(index + 1), elementtype: 0, elements: [{hostid: hosts[name]}], iconid_off: images[DEVICES[name].icon],
		x: places[name][0], y: places[name][1], label: '{HOST.NAME}'
	}));

	return api.ensure('map', 'sysmapid', {name: 'Network'}, {
		name: 'Network', width: 760, height: 480, label_type: 0, highlight: 1, expandproblem: 1, selements: elements,
		links: [
			{
				selementid1: '1', selementid2: '2', color: '00AA00', drawtype: 2,
				label: 'Te1/1/1: {?last(/core-sw1/net.if.in[ifHCInOctets.1])}',
				linktriggers: [{triggerid, color: 'DD0000', drawtype: 2}]
			},
			{selementid1: '1', selementid2: '3', color: '888888', drawtype: 0}
		]
	});
};

const seedUser = async (api, username, roleid, groups) => {
	const rights = groups.map((id) => ({id, permission: 2}));
	const usrgrpid = await api.ensure('usergroup', 'usrgrpid', {name: username}, {
		name: username, [api.isBefore(6, 2) ? 'rights' : 'hostgroup_rights']: rights
	});

	await api.ensure('user', 'userid', {username}, {username, passwd: PASSWORD, roleid, usrgrps: [{usrgrpid}]});

	return usrgrpid;
};

// Idempotent; returns {hosts: {name: hostid}, sysmapid, triggerid, groups: {name: groupid}}.
export const seed = async (api) => {
	const hosts = {};

	for (const [name, device] of Object.entries(DEVICES)) {
		hosts[name] = await seedDevice(api, name, device);
	}

	const groups = Object.fromEntries((await api.call('hostgroup.get', {output: ['groupid', 'name'], filter: {name: ['Edge', 'Core']}})).map((one) => [one.name, one.groupid]));
	const triggerid = await api.ensure('trigger', 'triggerid', {description: TRIGGER, host: 'edge-r1'}, {
		description: TRIGGER, expression: 'last(/edge-r1/net.if.in[ifHCInOctets.3])>900000000', priority: 4
	});
	const sysmapid = await seedMap(api, hosts, triggerid);

	// noc reads the edge alone; lena reads both, with a role that the test denies the module to.
	const noc = await seedUser(api, 'noc', ROLE_USER, [groups.Edge]);
	const lena = await seedUser(api, 'lena', ROLE_USER, [groups.Edge, groups.Core]);
	await api.call('map.update', {sysmapid, userGroups: [noc, lena].map((usrgrpid) => ({usrgrpid, permission: 2}))});

	// The host of the stock data polls an agent that is not there.
	for (const {hostid} of await api.call('host.get', {output: ['hostid'], filter: {host: 'Zabbix server'}})) {
		await api.call('host.update', {hostid, status: 1});
	}

	return {hosts, groups, sysmapid, triggerid};
};
