/**
 * The state of a name under its key, a MessagePack array: capacity, last token, holders {owner, weight, until, token} and
 * queue {owner, weight, until}, both in the order in which they came. Whoever's time is over is not read.
 *
 * `keep` needs memory, and fails where a full server has none to spare. `keep_anyway` is for what adds nothing: a full
 * server lets a script write that has deleted.
 */
export const PERMITS = `
local function living(list)
  local left = {}
  for _, one in ipairs(list) do if one[3] > ms then left[#left + 1] = one end end
  return left
end
local function load(key)
  local kept = redis.pcall('GET', key)
  if type(kept) ~= 'string' then return { capacity = 0, token = 0, holders = {}, queue = {} } end
  local capacity, token, holders, queue = unpack(cmsgpack.unpack(kept))
  return { capacity = capacity, token = token, holders = living(holders), queue = living(queue) }
end
local function keep(key, state)
  redis.call('SET', key, cmsgpack.pack({ state.capacity, state.token, state.holders, state.queue }))
end
local function keep_anyway(key, state)
  redis.call('DEL', key)
  if #state.holders + #state.queue > 0 then keep(key, state) end
end
local function find(list, owner)
  for at, one in ipairs(list) do if one[1] == owner then return at, one end end
end
local function used(state)
  local sum = 0
  for _, holder in ipairs(state.holders) do sum = sum + holder[2] end
  return sum
end
`;
