import { Script } from '../../calls/script.js';
import { FREE_IN, LOCKS, NOBODY } from './prelude.js';

/**
 * Takes all of these locks, or none when one of them is held by somebody else or kept for somebody in line. Nobody stands
 * in line here. Tokens are as those of a lock that is claimed alone.
 *
 * KEYS  locks, of one caller
 * ARGV  for each lock: owner · ttl, ms · how many tokens · the highest token the caller has seen
 * Says  the first token, 0 | false, 0 when it was free | false, after how many ms to ask again | false, what is there that
 *       is no lock
 */
export const CLAIM_ALL = new Script(
  `${LOCKS}${FREE_IN}
local locks, are_free = {}, true
for at, key in ipairs(KEYS) do
  local text = redis.pcall('GET', key)
  local lock = open(text)
  local wait = lock and free_in(key, lock, ARGV[4 * at - 1])
  if not lock then wait = foreign(key, text) end
  if wait ~= 0 then
    are_free = false
    -- It may be the turn of another by now.
    if lock and lock.owner == '${NOBODY}' then keep(key, lock) end
  end
  locks[at] = lock
  reply[2 * at], reply[2 * at + 1] = false, wait
end
if not are_free then return reply end
for at, key in ipairs(KEYS) do
  local first, lock = 4 * at - 1, locks[at]
  local token = math.max(lock.last + 1, tonumber(ARGV[first + 3]) + 1, us)
  lock.owner, lock.till, lock.offer = ARGV[first], ms + tonumber(ARGV[first + 1]), 0
  lock.last = token + tonumber(ARGV[first + 2]) - 1
  keep(key, lock)
  reply[2 * at] = string.format('%.0f', token)
end
return reply
`,
  { width: 2 },
);
