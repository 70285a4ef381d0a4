import { Script } from '../calls/script.js';
import { PRELUDE } from '../calls/prelude.js';
import { PERMITS } from './prelude.js';

/**
 * Takes permits, or a place in the queue. Who is already in gets its lease anew: an earlier answer may have been lost. A
 * request fits when it does beside the holders and all who wait before it.
 *
 * ARGV  for each key: owner · weight · capacity · ttl, ms · how long the place is kept, ms, or 0 for none · the highest
 *       token the caller has seen
 * Says  the token, or false · ms until the first of those in its way is over, or what is there that is no state
 */
export const ACQUIRE = new Script(
  `${PRELUDE}${PERMITS}
local function soonest(first, list, before)
  for at, one in ipairs(list) do if at < before and one[3] < first then first = one[3] end end
  return first
end
local function acquire(key, state, base)
  local owner, weight, capacity = ARGV[base + 1], tonumber(ARGV[base + 2]), tonumber(ARGV[base + 3])
  local ttl, place, seen = tonumber(ARGV[base + 4]), tonumber(ARGV[base + 5]), tonumber(ARGV[base + 6])
  state.capacity = capacity
  local _, holder = find(state.holders, owner)
  local rank, waiter = find(state.queue, owner)
  local before = rank or #state.queue + 1
  local sum = used(state) + weight
  for i = 1, before - 1 do sum = sum + state.queue[i][2] end
  local token, retry = false, 0
  if holder then
    holder[3] = ms + ttl
    token = holder[4]
  elseif sum <= capacity then
    token = math.max(state.token + 1, us, seen + 1)
    state.token = token
    if rank then table.remove(state.queue, rank) end
    state.holders[#state.holders + 1] = { owner, weight, ms + ttl, token }
  else
    retry = soonest(soonest(ms + ttl, state.holders, #state.holders + 1), state.queue, before) - ms
    if place > 0 and waiter then waiter[3] = ms + place
    elseif place > 0 then state.queue[before] = { owner, weight, ms + place } end
  end
  if token or place > 0 then keep(key, state) end
  return token and string.format('%.0f', token), retry
end
for at, key in ipairs(KEYS) do
  local state, other = load(key)
  if state then
    reply[2 * at], reply[2 * at + 1] = acquire(key, state, 2 + (at - 1) * 6)
  else
    reply[2 * at], reply[2 * at + 1] = false, foreign(key, other)
  end
end
return reply
`,
  { width: 2 },
);
