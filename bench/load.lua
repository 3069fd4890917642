-- Sends requests that lie ready in a file, at random or in turn, and tells what came of it as JSON.
--
--   wrk ... -s load.lua URL -- FILE random|turn SEED FIRST
--
-- The file holds, for each request, its length, a line feed, and its bytes as they go over the wire.
-- Nine noughts in a request stand for a number that counts up from FIRST, so that no two requests of
-- it are the same.

local COUNTER = "000000000"
local requests, plain, position, number = {}, true, 0, 0

local function split(text)
  local parts, from = {}, 1
  while true do
    local at = text:find(COUNTER, from, true)
    if not at then
      parts[#parts + 1] = text:sub(from)
      return parts
    end
    parts[#parts + 1] = text:sub(from, at - 1)
    from = at + #COUNTER
  end
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local at_random, seed, first = args[2] == "random", tonumber(args[3]), tonumber(args[4])
  while true do
    local length = file:read("*n", "*l")
    if not length then break end
    local text = file:read(length)
    if text:find(COUNTER, 1, true) then
      plain = false
      requests[#requests + 1] = split(text)
    else
      requests[#requests + 1] = { text }
    end
  end
  file:close()
  if plain then
    for i, parts in ipairs(requests) do requests[i] = parts[1] end
  end
  math.randomseed(seed)
  number, position = first, first % #requests
  local count, random, format, concat = #requests, math.random, string.format, table.concat
  local function pick()
    if at_random then return requests[random(count)] end
    position = position + 1
    if position > count then position = 1 end
    return requests[position]
  end
  if plain then
    request = pick
  else
    request = function()
      number = number + 1
      return concat(pick(), format("%09d", number))
    end
  end
end

function request() return "" end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"micros":%d,"status":%d,"sockets":%d,"timeouts":%d,"p50":%d,"p99":%d,"max":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write,
    errors.timeout, latency:percentile(50), latency:percentile(99), latency.max))
end
