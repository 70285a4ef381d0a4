import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { HEADERS, LEASES } from './prelude.js';

/**
 * Gives leases back whose loads are not kept, and tells those who wait.
 *
 * ARGV  for each key: the lease · 'failed', with or without its reason, or 'unfilled'
 * Says  1 done, 0 the lease was void · the assigned version of the key
 */
export const YIELD = new Script(
  `${PRELUDE}${HEADERS}${LEASES}
for at, key in ipairs(KEYS) do
  local status, old, stored = 0, known(key)
  if old and holds(old, ARGV[2 * at + 1]) then
    give_back(key, old, ARGV[2 * at + 2])
    status = 1
  end
  reply[2 * at], reply[2 * at + 1] = status, stored
end
return reply
`,
  { width: 2 },
);
