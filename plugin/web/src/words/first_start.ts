// What the first start says, with the recipes of devices.

export const kFirst = {
  title: 'Waiting for the first flow record',
  lead: 'Weir collects the flow records of your routers, switches and firewalls, and shows who uses a link, since when, and whether that is normal. Point a device at this collector, and this page turns into the Flows window with its first record.',
  listens: (ports: string) => `It listens on UDP ${ports} for NetFlow v1, v5, v7, v8, v9, IPFIX and sFlow v2, v4, v5, any of them on any port.`,
  undecoded: 'No flow record has come yet.',
  silent: 'No exporter has sent anything yet.',
  collector: (host: string) => `is the address of this machine as the device sees it. You opened this page through ${host}, which other machines cannot reach.`,
  nothing: 'Nothing after a minute? See whether datagrams arrive at all:',
  between: 'If they do not, look at the device and at firewalls between.',
  templates: 'NetFlow v9 and IPFIX send their templates from time to time, often once in 10 to 30 minutes. Records before the first template wait for it.',
  listening: 'Listening.',
};

export const kRecipes = { choose: 'Device', copy: 'Copy', copied: 'Copied', notCopied: 'The browser did not allow copying', configuration: (name: string) => `Configuration for ${name}` };
