import { PRELUDE } from '../calls/prelude.js';
import { GRAVE, HEADERS } from './prelude.js';
import { Script } from '../calls/script.js';

/**
 * Removes, as `REMOVE` does, what is older than a change that was made: the server has taken the place of one that had
 * confirmed the change, and had not heard of it. Where the change or something newer is there, and where there is nothing,
 * it does nothing.
 *
 * ARGV  for each key: the version of the change · the highest assigned version the caller has seen · the message up to the
 *       version
 * Status  1 removed | 0 nothing older is there
 */
export const REVOKE = new Script(
  `${PRELUDE}${HEADERS}${GRAVE}
for at, key in ipairs(KEYS) do
  local old, stored = known(key)
  local change = tonumber(ARGV[3 * at])
  reply[2 * at], reply[2 * at + 1] = 0, stored
  if old and stored < change then
    local assigned = math.max(above(stored, ARGV[3 * at + 1]), above(stored, ARGV[3 * at]))
    bury(key, disturbed(old), assigned)
    tell(ARGV[3 * at + 2], assigned, key)
    reply[2 * at], reply[2 * at + 1] = 1, assigned
  end
end
return reply
`,
  { width: 2, untold: 0 },
);
