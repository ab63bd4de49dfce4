-- A link that is nearly full, in or out, for three minutes. Needs the speed of the interface: from the monitor, or from
-- `speeds` below for exporters that no monitor knows. Interfaces without a known speed are left alone.
local percent = 90

-- ["exporter,ifIndex"] = bits per second
local speeds = {
  ["192.0.2.1,3"] = 100e6, -- documentation addresses: the rule's own tests use them
}

local function load_of(row, ctx)
  local speed = ctx.speed() or speeds[row.key]
  return speed and 100 * math.max(row.bits_in_per_s, row.bits_out_per_s) / speed
end

weir.rule {
  name = "link load",
  description = "An interface carries over " .. percent .. " % of its speed for three minutes",
  severity = "average",
  query = { by = { "exporter", "interface" }, window = "1m", every = "1m", having = { sessions = 1 } },
  when = function(row, ctx)
    local load = load_of(row, ctx)
    return load ~= nil and load > percent
  end,
  -- Below four fifths of the limit before it is over, so that a load around the limit is one alert.
  resolve = function(row, ctx)
    local load = load_of(row, ctx)
    return load == nil or load < 0.8 * percent
  end,
  for_ = "2m",
  message = function(row, ctx)
    return ("Interface %d of %s is loaded to %.0f %%: in %s, out %s"):format(
      row.interface, row.exporter, load_of(row, ctx), weir.bits(row.bits_in_per_s), weir.bits(row.bits_out_per_s))
  end,
}

local function minutes(add, loads)
  for minute, percent_of_speed in ipairs(loads) do
    add { in_if = 3, out_if = 4, at = (minute - 1) * 60, duration = "1m", octets = math.floor(percent_of_speed * 100e6 / 100 * 60 / 8) }
  end
end

weir.test {
  name = "three minutes of 95 % are one alert, though the load wavers",
  sessions = function(add) minutes(add, { 50, 95, 95, 95, 85, 95, 95, 50, 50 }) end,
  fires = { "192.0.2.1,3" },
}
weir.test {
  name = "a short peak, and an interface of unknown speed, are none",
  sessions = function(add)
    minutes(add, { 50, 95, 95, 50, 50 })
    for minute = 0, 4 do add { exporter = "192.0.2.2", in_if = 3, at = minute * 60, duration = "1m", octets = 900000000 } end
  end,
  fires = 0,
}
