-- One address tries the same few ports of many others: over 150 addresses in five minutes, most of them silent.
weir.rule {
  name = "sweep",
  description = "A client tries one port at over 150 addresses within five minutes, and gets hardly an answer",
  severity = "average",
  query = {
    filter = "proto tcp or proto icmp", by = { "client", "server_port" }, distinct = "server",
    window = "5m", every = "1m", having = { distinct = ">150" },
  },
  -- Who is answered talks; a crawler or a mail server gets more octets back than it asks with.
  when = function(row) return row.octets - row.octets_client < 0.5 * row.octets_client and row.packets < 6 * row.distinct end,
  clear_after = "10m",
  labels = { kind = "security" },
  message = "{client} tried port {server_port} at {distinct} addresses within five minutes",
}

local function addresses(count, make)
  for i = 1, count do make("10.1." .. i // 250 .. "." .. 1 + i % 250, i) end
end

weir.test {
  name = "a sweep for SMB",
  sessions = function(add)
    addresses(600, function(server, i) add { client = "10.0.0.9", server = server, server_port = 445, at = i * 0.5, octets = 48, packets = 1, tcp_flags = "S" } end)
  end,
  fires = { "10.0.0.9,445" },
}
weir.test {
  name = "a crawler, and a client of few servers, are none",
  sessions = function(add)
    addresses(600, function(server, i) add { client = "10.0.0.2", server = server, server_port = 443, at = i * 0.5, octets = 1500, packets = 9, octets_back = 60000, packets_back = 50 } end)
    addresses(100, function(server, i) add { client = "10.0.0.3", server = server, server_port = 22, at = i, octets = 48, packets = 1 } end)
  end,
  fires = 0,
}
