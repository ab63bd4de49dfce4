-- An address that nobody has seen for a week is among the largest senders. While less than a day is stored, nothing is new.
weir.rule {
  name = "new top talker",
  description = "One of the ten largest senders was not seen in the last seven days",
  severity = "information",
  query = { by = "host", direction = "talkers", window = "10m", every = "10m", limit = 10, having = { bits_per_s = ">5M", percent = ">5" } },
  when = function(row, ctx) return ctx.is_new("7d") end,
  resolve = { percent = "<1" },
  clear_after = "30m",
  message = "{host} was not seen in the last seven days and sends {bits_per_s}, {percent} of all traffic",
}

local function days(add)
  for hour = 0, 48 do add { client = "10.0.0.1", server = "198.51.100.7", at = hour * 3600, octets = 10000, octets_back = 1000000000 } end
end

weir.test {
  name = "a newcomer",
  sessions = function(add)
    days(add)
    add { client = "10.0.0.66", server = "198.51.100.7", at = 48 * 3600 + 60, duration = "8m", octets = 900000000, octets_back = 1000 }
  end,
  fires = { "10.0.0.66" },
}
weir.test {
  name = "one that was here yesterday, a small one, and the first day of all",
  sessions = function(add)
    days(add)
    add { client = "10.0.0.66", server = "198.51.100.7", at = 30 * 3600, octets = 100 }
    add { client = "10.0.0.66", server = "198.51.100.7", at = 48 * 3600 + 60, duration = "8m", octets = 900000000 }
    add { client = "10.0.0.67", server = "198.51.100.7", at = 48 * 3600 + 60, duration = "8m", octets = 9000000 }
    add { client = "10.0.0.68", server = "198.51.100.7", at = 3600 + 60, duration = "8m", octets = 900000000 }
  end,
  fires = 0,
}
