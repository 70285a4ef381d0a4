import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { BLANK, HEADERS, LEASES, SETTING, SOURCES } from './prelude.js';

/**
 * Keeps what was loaded under a lease that still stands. It does while nothing happened to the key: whatever changes the
 * key, be it somebody else's DEL, takes the lease with it. Those who wait are told.
 *
 * ARGV  for each key: the lease · the entry's bytes, with its times and its assigned version
 * Says  1 stored, 0 the lease is void, or the source itself calls what is known of the key newer · the assigned version
 */
export const FILL = new Script(
  `${PRELUDE}${SETTING}local left
-- Most find their own placeholder as the claim has left it: with no source version, nobody who waits, no write under way.
for at, key in ipairs(KEYS) do
  local entry, old = ARGV[2 * at + 2], redis.pcall('GETRANGE', key, 0, ${MUTABLE.end - 1})
  local high, low = struct.unpack('>I4I4', entry, ${MUTABLE.assigned + 1})
  local assigned = high * 4294967296 + low
  local is_own = type(old) == 'string' and assigned <= us + ${AHEAD_US} and string.sub(old, 1, ${MUTABLE.assigned}) == ${BLANK}
    and string.sub(old, ${MUTABLE.leaseOwner + 1}, ${MUTABLE.leaseUntil}) == ARGV[2 * at + 1]
  if is_own then set(key, entry) else left = true end
  reply[2 * at], reply[2 * at + 1] = is_own and 1 or -1, assigned
end
if not left then return reply end
${HEADERS}${SOURCES}${LEASES}local function fill(key, lease, entry)
  local old, stored = known(key)
  if not (old and holds(old, lease) and opens(old) == 0) then return 0, stored end
  if sourced(old) and sourced(entry) and source_below(entry, old) then
    give_back(key, old, 'unfilled')
    return 0, stored
  end
  set(key, entry)
  wake(key, old, 'stored')
  return 1, read64(entry, ${MUTABLE.assigned})
end
for at, key in ipairs(KEYS) do
  if reply[2 * at] == -1 then reply[2 * at], reply[2 * at + 1] = fill(key, ARGV[2 * at + 1], ARGV[2 * at + 2]) end
end
return reply
`,
  { width: 2 },
);
