-- Rules that fire at once for what the tests send to ports of their own, and end when it ends.
weir.rule {
  name = "test load",
  severity = "high",
  query = { filter = "port 7777", by = { "exporter", "server" }, window = "3s", every = "1s" },
  when = { octets = ">0" },
  message = "{server} gets {bits_per_s}",
}

weir.rule {
  name = "test many",
  severity = "average",
  query = { filter = "port 7778", by = "server", window = "3s", every = "1s" },
  when = { octets = ">0" },
  message = "{server} is one of many",
}
