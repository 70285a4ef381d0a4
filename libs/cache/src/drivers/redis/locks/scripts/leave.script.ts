import { Script } from '../../calls/script.js';
import { LOCKS } from './prelude.js';

/**
 * Gives up places in line; a lock that was kept for one of them goes to the next.
 *
 * KEYS  locks
 * ARGV  for each lock: the owner who leaves
 * Says  1: done, 0: it did not stand in line, or what is there that is no lock
 */
export const LEAVE = new Script(
  `${LOCKS}
for at, key in ipairs(KEYS) do
  local text, mine, left = redis.pcall('GET', key), ARGV[2 + at], 0
  local lock = open(text)
  if lock then
    local was_first = head(lock) == mine
    drop(lock, function(owner)
      if owner ~= mine then return false end
      left = 1
      return true
    end)
    if left == 1 then
      if was_first and lock.offer > 0 then offer(key, lock) end
      keep_anyway(key, lock)
    end
  end
  reply[at + 1] = lock and left or foreign(key, text)
end
return reply
`,
  { width: 1 },
);
