import { Script } from '../../calls/script.js';
import { PRELUDE } from '../../calls/prelude.js';
import { FREE_IN, LOCK_TOOLS, NOBODY, TOO_HIGH } from './prelude.js';

/**
 * Takes locks that are free and not kept for somebody else in line.
 *
 * KEYS  locks
 * ARGV  for each lock: owner · process · ttl, ms · how many tokens · the highest token the caller has seen · 1 to stand in
 *       line where it is busy, else 0
 * Says  the first token, 0 | false, after how many ms to ask again | false, what is there that is no lock
 *
 * The first token is above the last one stored, above what the caller has seen, and not below the server's time in µs: so
 * it does not fall when a failover has lost the key. One who was offered the lock and has not come is dropped, with all
 * places of that process.
 */
export const CLAIM = new Script(
  `${PRELUDE}
local function grant(at, key, last, line)
  local first = 2 + (at - 1) * 6
  local token = math.max(last + 1, tonumber(ARGV[first + 5]) + 1, us)
  last = token + tonumber(ARGV[first + 4]) - 1
  redis.call('SET', key, string.format('%s %.0f %.0f 0 %s', ARGV[first + 1], ms + tonumber(ARGV[first + 3]), last, line))
  reply[2 * at], reply[2 * at + 1] = string.format('%.0f', token), 0
end
-- Most locks are free and nobody waits for them.
local others
for at, key in ipairs(KEYS) do
  local text, last = redis.pcall('GET', key), 0
  if text then last = type(text) == 'string' and tonumber((string.match(text, '^${NOBODY} 0 (%d+) 0 $'))) end
  if last and last < ${TOO_HIGH} then
    grant(at, key, last, '')
  else
    others = others or {}
    others[#others + 1] = at
  end
end
if not others then return reply end
${LOCK_TOOLS}${FREE_IN}
for _, at in ipairs(others) do
  local key, first = KEYS[at], 2 + (at - 1) * 6
  local owner, process = ARGV[first + 1], ARGV[first + 2]
  local text = redis.pcall('GET', key)
  local lock = open(text)
  local wait = lock and free_in(key, lock, owner)
  if not lock then
    reply[2 * at], reply[2 * at + 1] = false, foreign(key, text)
  elseif wait == 0 then
    if lock.line ~= '' then drop(lock, function(one) return one == owner end) end
    grant(at, key, lock.last, lock.line)
  else
    if ARGV[first + 6] == '1' then place(lock, owner, process) end
    if ARGV[first + 6] == '1' or lock.owner == '${NOBODY}' then keep(key, lock) end
    reply[2 * at], reply[2 * at + 1] = false, wait
  end
end
return reply
`,
  { width: 2 },
);
