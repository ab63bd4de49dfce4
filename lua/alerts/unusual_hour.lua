-- An exporter's traffic is far from what it was in the same hour of the last seven days: above or below, for fifteen
-- minutes. Needs at least three of those days.
local function distance(row, ctx)
  local b = ctx.baseline("octets", 7)
  if b.samples < 36 or b.mean == 0 then return nil end
  -- Traffic this regular is rare: a tenth of the mean counts as one deviation at least.
  local deviation = math.max(b.stdev, 0.1 * b.mean)
  return (row.octets - b.mean) / deviation, b
end

weir.rule {
  name = "unusual for this hour",
  description = "An exporter's traffic is over five deviations from the same hour of the last seven days, for fifteen minutes",
  severity = "information",
  query = { by = "exporter", window = "5m", every = "5m", having = { sessions = 1 } },
  when = function(row, ctx)
    local d, b = distance(row, ctx)
    return d ~= nil and (d > 5 and row.octets > b.max or d < -5 and row.octets < b.min)
  end,
  resolve = function(row, ctx)
    local d = distance(row, ctx)
    return d == nil or math.abs(d) < 3
  end,
  for_ = "10m",
  message = function(row, ctx)
    local d, b = distance(row, ctx)
    return ("Exporter %s has %s in five minutes, at this hour it is %s to %s"):format(row.exporter, weir.octets(row.octets), weir.octets(b.min), weir.octets(b.max))
  end,
}

local function days(add, last_day)
  add { at = 0, octets = 1 }
  for day = 0, 4 do
    for step = 0, 12 * 3 - 1 do
      local hour = 10 + step // 12
      local factor = day == 4 and last_day(step) or 1
      add { at = day * 86400 + 10 * 3600 + step * 300 + 1, duration = "290s", octets = math.floor((hour * 10 + step % 3) * 1000000 * factor) }
    end
  end
end

weir.test {
  name = "three times the usual, for half an hour",
  sessions = function(add) days(add, function(step) return step >= 18 and step < 24 and 3 or 1 end) end,
  length = 4 * 86400 + 13 * 3600,
  fires = { "192.0.2.1" },
}
weir.test {
  name = "a usual day, and a short peak",
  sessions = function(add) days(add, function(step) return step == 20 and 3 or 1 end) end,
  length = 4 * 86400 + 13 * 3600,
  fires = 0,
}
