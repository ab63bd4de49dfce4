-- Records of an exporter get lost on the way or in front of the collector, by sequence numbers: over 1 % for five minutes.
-- The past keeps no loss, so this rule has no back-test; its conditions are tested with the program.
weir.rule {
  name = "exporter losing",
  description = "Over 1 % of an exporter's records are lost, for five minutes",
  severity = "warning",
  query = { source = "exporters", window = "5m", every = "1m" },
  when = { lost_percent = ">1", lost = ">100" },
  resolve = { lost_percent = "<0.2" },
  for_ = "5m",
  clear_after = "5m",
  message = "Exporter {exporter} loses {lost_percent} of its records: {lost} of them within five minutes",
}

weir.test {
  name = "sessions alone are no loss",
  sessions = function(add) for minute = 0, 30 do add { at = minute * 60 + 30, octets = 1000 } end end,
  fires = 0,
}
