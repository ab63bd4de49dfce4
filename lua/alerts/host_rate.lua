-- One address sends or receives more than a fixed rate for five minutes. Off until the limit suits your network.
weir.rule {
  name = "host rate",
  description = "An address moves over 500 Mbit/s for five minutes",
  severity = "warning",
  enabled = false,
  query = { by = "host", window = "1m", every = "1m" },
  when = { bits_per_s = ">500M" },
  resolve = { bits_per_s = "<400M" },
  for_ = "4m",
  message = "{host} moves {bits_per_s}, {percent} of all traffic",
}

local function minutes(add, rates)
  for minute, megabits in ipairs(rates) do
    add { client = "10.0.0.1", server = "198.51.100.7", at = (minute - 1) * 60, duration = "1m", octets = megabits * 7500000 }
    -- The same rate spread over many others.
    for i = 1, 10 do add { client = "10.0.1." .. i, server = "203.0.113." .. i, at = (minute - 1) * 60, duration = "1m", octets = 60 * 7500000 } end
  end
end

weir.test {
  name = "five minutes over the limit, both ends of the transfer",
  sessions = function(add) minutes(add, { 100, 600, 600, 600, 600, 600, 450, 600, 100 }) end,
  fires = { "10.0.0.1", "198.51.100.7" },
}
weir.test {
  name = "four minutes are too short",
  sessions = function(add) minutes(add, { 100, 600, 600, 600, 600, 100 }) end,
  fires = 0,
}
