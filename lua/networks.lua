-- Names of networks: network(prefix, name). If several prefixes hold an address, the longest one names it. Your own
-- file (script.own_dir of weir.toml) is read on top of this one. Names show beside addresses, and in filters and groups:
--   network "Branch Oslo"    src network "Branch Oslo"    --by network
-- Read again when it changes; an error names the line and keeps the last good names. A line of your own file:
--   network("10.1.0.0/16", "Branch Oslo")
network("169.254.0.0/16", "Link-local")
network("fe80::/10", "Link-local")
network("127.0.0.0/8", "Loopback")
network("::1", "Loopback")
network("224.0.0.0/4", "Multicast")
network("ff00::/8", "Multicast")
