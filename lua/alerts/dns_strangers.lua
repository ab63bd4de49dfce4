-- Inside addresses that ask other name servers than ours, more than a little. Off until `resolvers` and `inside` are yours.
local inside = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8" }
local resolvers = { "10.0.0.53", "10.1.0.53" }

weir.rule {
  name = "DNS to strangers",
  description = "An inside address asks name servers that are not ours",
  severity = "warning",
  enabled = false,
  query = {
    filter = "server port 53,853 and client host in [" .. table.concat(inside, " ") .. "] and not server host in [" .. table.concat(inside, " ") ..
             "] and not client host in [" .. table.concat(resolvers, " ") .. "]",
    by = "client", distinct = "server", window = "10m", every = "5m",
  },
  when = { sessions = ">20" },
  clear_after = "30m",
  labels = { kind = "policy" },
  message = "{client} asked {distinct} strange name servers {sessions} times within ten minutes",
}

local function ask(add, client, server, times)
  for i = 1, times do add { client = client, server = server, server_port = 53, protocol = "udp", client_port = 20000 + i, at = i * 5, octets = 70, octets_back = 200 } end
end

weir.test { name = "a client of its own mind", sessions = function(add) ask(add, "10.2.0.7", "198.51.100.53", 60) end, fires = { "10.2.0.7" } }
weir.test {
  name = "our resolvers ask outside, clients ask ours, and now and then does not count",
  sessions = function(add)
    ask(add, "10.0.0.53", "198.51.100.53", 100)
    ask(add, "10.2.0.7", "10.0.0.53", 100)
    ask(add, "10.2.0.8", "198.51.100.53", 10)
  end,
  fires = 0,
}
