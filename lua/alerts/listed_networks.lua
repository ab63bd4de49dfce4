-- Traffic with networks of a list: command servers, bogons, a country's allocations. Off until the list is yours; it holds
-- up to 1,000 networks. The shipped ones are documentation networks (RFC 5737), which no traffic should have.
local listed = { "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24" }

weir.rule {
  name = "listed networks",
  description = "An address talks with a network of the list, and is answered",
  severity = "high",
  enabled = false,
  query = { filter = "host in [" .. table.concat(listed, " ") .. "]", by = { "client", "server" }, window = "5m", every = "1m" },
  when = { octets = ">=1000", packets = ">3" },
  clear_after = "1h",
  labels = { kind = "security" },
  message = "{client} talks with {server}, which is listed: {octets} within five minutes",
}

weir.test {
  name = "a talk with a listed network, either way round",
  sessions = {
    { client = "10.0.0.1", server = "203.0.113.66", octets = 5000, packets = 9, at = "10s" },
    { client = "203.0.113.67", server = "10.0.0.1", octets = 5000, packets = 9, at = "20s" },
  },
  fires = { "10.0.0.1,203.0.113.66", "203.0.113.67,10.0.0.1" },
}
weir.test {
  name = "others, and a single knock",
  sessions = { { client = "10.0.0.1", server = "100.64.0.1", octets = 5000, packets = 9 }, { client = "203.0.113.66", server = "10.0.0.1", octets = 40, packets = 1 } },
  fires = 0,
}
