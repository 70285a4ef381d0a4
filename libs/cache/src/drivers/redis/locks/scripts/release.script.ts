import { Script } from '../../calls/script.js';
import { LOCKS, NOBODY } from './prelude.js';

/**
 * Gives locks back, and tells the first in line. Tokens that nobody was given are free again.
 *
 * KEYS  locks
 * ARGV  for each lock: owner · the highest token that was given to anybody, 0 if none was
 * Says  1: done, 0: it was not the owner's
 */
export const RELEASE = new Script(
  `${LOCKS}
for at, key in ipairs(KEYS) do
  local text, owner, used = redis.call('GET', key), ARGV[2 * at + 1], tonumber(ARGV[2 * at + 2])
  local is_held = text and string.sub(text, 1, #owner + 1) == owner .. ' '
  if is_held then
    local lock = open(text)
    if used > 0 and used < lock.last then lock.last = used end
    lock.owner, lock.till, lock.offer = '${NOBODY}', 0, 0
    if lock.line ~= '' then offer(key, lock) end
    keep_anyway(key, lock)
  end
  reply[at + 1] = is_held and 1 or 0
end
return reply
`,
  { width: 1 },
);
