-- An interface that had traffic all the time has none at all, while its exporter still reports others.
weir.rule {
  name = "interface drop to zero",
  description = "An interface that carried over 1 Mbit/s has no traffic for three minutes, while its exporter reports others",
  severity = "high",
  query = { by = { "exporter", "interface" }, window = "3m", every = "1m", quiet = "15m" },
  when = function(row, ctx)
    if row.sessions > 0 or ctx.octets_of_others("exporter") == 0 then return false end
    -- The window just before ended less than three minutes before the silence.
    return ctx.previous(1).bits_per_s > 1e6 or ctx.previous(2).bits_per_s > 1e6
  end,
  resolve = function(row) return row.sessions > 0 end,
  message = "Interface {interface} of {exporter} carries nothing any more",
}

local function minutes(add, exporter, interface, first, last)
  for minute = first, last do
    add { exporter = exporter, in_if = interface, at = minute * 60 + 1, duration = "55s", octets = 20000000 }
  end
end

weir.test {
  name = "one interface falls silent, its neighbour goes on",
  sessions = function(add)
    minutes(add, "192.0.2.1", 1, 0, 30)
    minutes(add, "192.0.2.1", 2, 0, 15)
  end,
  fires = { "192.0.2.1,2" },
}
weir.test {
  name = "a whole exporter falls silent, and an interface that never carried much",
  sessions = function(add)
    minutes(add, "192.0.2.1", 1, 0, 15)
    minutes(add, "192.0.2.2", 1, 0, 30)
    add { exporter = "192.0.2.2", in_if = 2, at = "5m", octets = 4000 }
  end,
  fires = 0,
}
