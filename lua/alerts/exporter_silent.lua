-- An exporter that was heard since the collector started sends nothing for five minutes.
weir.rule {
  name = "exporter silent",
  description = "An exporter sends nothing for five minutes",
  severity = "average",
  query = { source = "exporters", window = "5m", every = "1m" },
  when = { silent_s = ">=300" },
  resolve = { silent_s = "<120" },
  message = "Exporter {exporter} is silent for {silent_s}",
}

local function every_minute(add, exporter, first, last)
  for minute = first, last do add { exporter = exporter, at = minute * 60 + 30, octets = 1000 } end
end

weir.test {
  name = "one of two falls silent, and comes back",
  sessions = function(add)
    every_minute(add, "192.0.2.1", 0, 30)
    every_minute(add, "192.0.2.2", 0, 10)
    every_minute(add, "192.0.2.2", 20, 30)
  end,
  fires = { "192.0.2.2" },
}
weir.test {
  name = "a pause of four minutes",
  sessions = function(add)
    every_minute(add, "192.0.2.1", 0, 10)
    every_minute(add, "192.0.2.1", 14, 30)
  end,
  fires = 0,
}
