import { Script } from '../calls/script.js';
import { PRELUDE } from '../calls/prelude.js';
import { PERMITS } from './prelude.js';

/**
 * Gives back permits or a place in the queue, and tells those at the head who now fit. An owner begins with the id of its
 * process, to whose channel the offer goes: nobody else is woken.
 *
 * ARGV  for each key: owner · the channels' names up to the id of the process
 * Says  1 permits or a place were given back, 0 there were none, or what is there that is no state
 */
export const RELEASE = new Script(
  `${PRELUDE}${PERMITS}
local function release(key, state, owner, channels)
  local held, waited = find(state.holders, owner), find(state.queue, owner)
  if held then table.remove(state.holders, held) end
  if waited then table.remove(state.queue, waited) end
  if held or waited then
    keep_anyway(key, state)
    local sum = used(state)
    for _, waiter in ipairs(state.queue) do
      sum = sum + waiter[2]
      if sum > state.capacity then break end
      redis.call('PUBLISH', channels .. string.match(waiter[1], '^[^.]*'), waiter[1])
    end
  end
  return (held or waited) and 1 or 0
end
for at, key in ipairs(KEYS) do
  local state, other = load(key)
  reply[at + 1] = state and release(key, state, ARGV[2 * at + 1], ARGV[2 * at + 2]) or foreign(key, other)
end
return reply
`,
  { width: 1 },
);
