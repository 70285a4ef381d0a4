import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { HEADERS, LEASES, SETTING, SOURCES } from './prelude.js';

/**
 * Keeps what was loaded under a lease that still stands. It does while nothing happened to the key: whatever changes the
 * key, be it somebody else's DEL, takes the lease with it. Those who wait are told.
 *
 * ARGV  for each key: the lease · the entry's bytes, with its times and its assigned version
 * Says  1 stored, 0 the lease is void, or the source itself calls what is known of the key newer · the assigned version
 */
export const FILL = new Script(
  `${PRELUDE}${HEADERS}${SETTING}${SOURCES}${LEASES}
for at, key in ipairs(KEYS) do
  local lease, entry, status, old, stored = ARGV[2 * at + 1], ARGV[2 * at + 2], 0, known(key)
  if old and holds(old, lease) and opens(old) == 0 then
    if sourced(old) and sourced(entry) and source_below(entry, old) then
      give_back(key, old, 'unfilled')
    else
      set(key, entry)
      status, stored = 1, read64(entry, ${MUTABLE.assigned})
      wake(key, old, 'stored')
    end
  end
  reply[2 * at], reply[2 * at + 1] = status, stored
end
return reply
`,
  { width: 2 },
);
