-- Answers that nobody asked for: UDP from the ports of services that are misused as amplifiers, from many servers
-- toward one address, over 50 Mbit/s.
local amplifiers = { 17, 19, 53, 69, 111, 123, 137, 161, 389, 520, 1434, 1900, 3283, 3702, 5353, 11211 }

weir.rule {
  name = "UDP amplification",
  description = "One address gets over 50 Mbit/s of UDP from over 30 senders at ports of amplifiers",
  severity = "high",
  query = {
    filter = "proto udp and src port in [" .. table.concat(amplifiers, " ") .. "]",
    by = "client", distinct = "server", window = "1m", every = "1m",
  },
  when = { bits_per_s = ">50M", distinct = ">30", octets_per_packet = ">200" },
  resolve = { bits_per_s = "<10M" },
  for_ = "1m",
  labels = { kind = "security" },
  message = "{client} gets {bits_per_s} of UDP from {distinct} servers that look like amplifiers",
}

local function answers(add, servers, octets)
  for minute = 0, 2 do
    for i = 1, servers do
      add { client = "10.0.0.1", server = "198.51.100." .. i, server_port = 123, client_port = 80, protocol = "udp", at = minute * 60, duration = "1m",
            octets_back = octets, packets_back = octets // 460 }
    end
  end
end

weir.test { name = "a flood of NTP answers", sessions = function(add) answers(add, 100, 6000000) end, fires = { "10.0.0.1" } }
weir.test { name = "few servers, or little from many", sessions = function(add) answers(add, 20, 6000000) answers(add, 100, 60000) end, fires = 0 }
