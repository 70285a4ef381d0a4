import { Script } from '../../calls/script.js';
import { PRELUDE } from '../../calls/prelude.js';
import { LOCK_TOOLS, NOBODY } from './prelude.js';

/**
 * Takes locks that are free and not kept for somebody else in line.
 *
 * KEYS  locks
 * ARGV  for each lock: owner · process · ttl, ms · how many tokens · the highest token the caller has seen · 1 to stand in
 *       line where it is busy, else 0
 * Says  the first token, 0 | false, after how many ms to ask again
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
  local text = redis.call('GET', key)
  local last = not text and 0 or tonumber((string.match(text, '^${NOBODY} 0 (%d+) 0 $')))
  if last then
    grant(at, key, last, '')
  else
    others = others or {}
    others[#others + 1] = at
  end
end
if not others then return reply end
${LOCK_TOOLS}
-- After how many ms to ask again; 0: it is this owner's.
local function free_in(key, lock, mine)
  if lock.owner ~= '${NOBODY}' and lock.till > ms and lock.owner ~= mine then return lock.till - ms end
  local owner, process = head(lock)
  while owner and owner ~= mine and lock.offer > 0 and lock.offer <= ms do
    drop(lock, function(_, its) return its == process end)
    offer(key, lock)
    owner, process = head(lock)
  end
  if not owner or owner == mine then return 0 end
  -- It ended by itself, which nobody has told.
  if lock.offer == 0 then
    lock.owner, lock.till = '${NOBODY}', 0
    offer(key, lock)
  end
  return lock.offer - ms
end
for _, at in ipairs(others) do
  local key, first = KEYS[at], 2 + (at - 1) * 6
  local owner, process = ARGV[first + 1], ARGV[first + 2]
  local lock = open(redis.call('GET', key))
  local wait = free_in(key, lock, owner)
  if wait == 0 then
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
