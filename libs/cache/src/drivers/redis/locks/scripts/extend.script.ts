import { Script } from '../../calls/script.js';
import { LOCKS } from './prelude.js';

/**
 * Gives locks more time, from now, as long as their owners have them.
 *
 * KEYS  locks
 * ARGV  for each lock: owner · ttl, ms
 * Says  1: done, 0: it is not the owner's any more · 1: somebody stands in line, 0: nobody, or what is there that is no
 *       lock
 */
export const EXTEND = new Script(
  `${LOCKS}
for at, key in ipairs(KEYS) do
  local text = redis.pcall('GET', key)
  local lock = open(text)
  local is_held = lock and lock.owner == ARGV[2 * at + 1] and lock.till > ms
  if is_held then
    lock.till = ms + tonumber(ARGV[2 * at + 2])
    keep_anyway(key, lock)
  end
  reply[2 * at], reply[2 * at + 1] = is_held and 1 or 0, not lock and foreign(key, text) or head(lock) and 1 or 0
end
return reply
`,
  { width: 2 },
);
