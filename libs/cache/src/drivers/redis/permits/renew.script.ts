import { Script } from '../calls/script.js';
import { PRELUDE } from '../calls/prelude.js';
import { PERMITS } from './prelude.js';

/**
 * Lengthens a lease that has not ended; one that has is not brought back, even when nobody else has come.
 *
 * ARGV  for each key: owner · ttl, ms
 * Says  1 renewed, 0 not held, or what is there that is no state
 */
export const RENEW = new Script(
  `${PRELUDE}${PERMITS}
for at, key in ipairs(KEYS) do
  local state, other = load(key)
  local _, holder = find(state and state.holders or {}, ARGV[2 * at + 1])
  if holder then
    holder[3] = ms + tonumber(ARGV[2 * at + 2])
    keep_anyway(key, state)
  end
  reply[at + 1] = not state and foreign(key, other) or holder and 1 or 0
end
return reply
`,
  { width: 1 },
);
