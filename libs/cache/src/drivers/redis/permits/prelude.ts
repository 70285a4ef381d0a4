import { FOREIGN } from '../coordination/foreign-key.js';

/**
 * The state of a name under its key, a MessagePack array: capacity, last token, holders {owner, weight, until, token} and
 * queue {owner, weight, until}, both in the order in which they came. Whoever's time is over is not read.
 * What is no such state is not loaded: then there is what is there instead, for `foreign`.
 *
 * `keep` needs memory, and fails where a full server has none to spare. `keep_anyway` is for what adds nothing: a full
 * server lets a script write that has deleted.
 */
export const PERMITS = `${FOREIGN}
local function living(list)
  local left = {}
  for _, one in ipairs(list) do if one[3] > ms then left[#left + 1] = one end end
  return left
end
local function is_list(list, numbers)
  if type(list) ~= 'table' then return false end
  for _, one in ipairs(list) do
    if type(one) ~= 'table' or type(one[1]) ~= 'string' then return false end
    for at = 2, numbers + 1 do if type(one[at]) ~= 'number' then return false end end
  end
  return true
end
local function is_state(all)
  return type(all) == 'table' and type(all[1]) == 'number' and type(all[2]) == 'number'
    and is_list(all[3], 3) and is_list(all[4], 2)
end
local function load(key)
  local kept = redis.pcall('GET', key)
  if not kept then return { capacity = 0, token = 0, holders = {}, queue = {} } end
  if type(kept) ~= 'string' then return nil, kept end
  local is_read, all = pcall(cmsgpack.unpack, kept)
  if not is_read or not is_state(all) then return nil, kept end
  return { capacity = all[1], token = all[2], holders = living(all[3]), queue = living(all[4]) }
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
