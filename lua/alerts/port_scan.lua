-- One address knocks at many ports of one other: over 100 in five minutes, with hardly any octets each.
weir.rule {
  name = "port scan",
  description = "A client tries over 100 ports of one server within five minutes",
  severity = "average",
  query = {
    filter = "proto tcp or proto udp", by = { "client", "server" }, distinct = "server_port",
    window = "5m", every = "1m", having = { distinct = ">100" },
  },
  -- A scan's ports are strangers to each other: few packets to each of them.
  when = function(row) return row.packets < 10 * row.distinct end,
  clear_after = "10m",
  labels = { kind = "security" },
  message = "{client} tried {distinct} ports of {server} within five minutes",
}

weir.test {
  name = "a scan is one alert while it lasts, and ten minutes on",
  sessions = function(add)
    for port = 1, 1000 do add { client = "10.0.0.9", server = "10.0.0.1", server_port = port, at = port * 0.6, octets = 44, packets = 1, tcp_flags = "S" } end
  end,
  fires = { "10.0.0.9,10.0.0.1" },
}
weir.test {
  name = "many sessions to one port, passive FTP with data, and a slow walk are none",
  sessions = function(add)
    for i = 1, 1000 do
      add { client = "10.0.0.2", server = "10.0.0.1", client_port = 30000 + i, at = i * 0.3, octets = 400, packets = 5, octets_back = 4000, packets_back = 6 }
    end
    for i = 1, 150 do add { client = "10.0.0.3", server = "10.0.0.1", server_port = 40000 + i, at = i, octets = 500000, packets = 400 } end
    for i = 1, 120 do add { client = "10.0.0.4", server = "10.0.0.1", server_port = i, at = i * 20, octets = 44, packets = 1 } end
  end,
  fires = 0,
}
