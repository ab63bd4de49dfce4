-- Connections that are opened and never used: over 200 a second toward one server and port, for two minutes.
weir.rule {
  name = "SYN flood",
  description = "A server gets over 200 SYNs a second that nothing follows, for two minutes",
  severity = "high",
  query = { filter = "proto tcp and tcp_flags S and not tcp_flags A", by = { "server", "server_port" }, window = "1m", every = "1m" },
  when = { sessions_per_s = ">200", octets_per_packet = "<100" },
  resolve = { sessions_per_s = "<50" },
  for_ = "1m",
  labels = { kind = "security" },
  message = "{server} port {server_port} gets {sessions_per_s} SYNs that nothing follows",
}

local function knock(add, seconds, per_second, flags)
  for second = 0, seconds - 1 do
    for i = 1, per_second do
      add { client = "198.51." .. i % 256 .. "." .. second % 256, server = "10.0.0.1", server_port = 80, client_port = 1024 + i, at = second + 0.5,
            octets = 40, packets = 1, tcp_flags = flags }
    end
  end
end

weir.test { name = "a flood of three minutes", sessions = function(add) knock(add, 180, 250, "S") end, fires = { "10.0.0.1,80" } }
weir.test { name = "one minute is too short", sessions = function(add) knock(add, 60, 250, "S") end, fires = 0 }
weir.test { name = "as many connections that are used", sessions = function(add) knock(add, 180, 250, "SAPF") end, fires = 0 }
