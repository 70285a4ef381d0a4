import { SAVE_MS } from '../../../core/coherence/lease.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { GRAVE, HEADERS, OVERLAP } from './prelude.js';

/**
 * Marks that a write of the key is under way: the value is stale, leases are void, and nothing is kept until the write
 * ends or its time is over. Writes that were never ended are forgotten with their time.
 *
 * ARGV  for each key: the intent · the highest assigned version the caller has seen · the message up to the version
 * Says  when it lapses, server ms · the assigned version of the key
 */
export const BEGIN = new Script(
  `${PRELUDE}${HEADERS}${GRAVE}
for at, key in ipairs(KEYS) do
  local first = 3 * at - 1
  local old, stored = known(key)
  local assigned = above(stored, ARGV[first + 2])
  local count = old and opens(old) or 0
  local beside = count > 0 and math.max(${OVERLAP.overlapped}, string.byte(old, ${MUTABLE.overlapped + 1})) or ${OVERLAP.none}
  count = math.min(count + 1, 65535)
  local head = old or grave(nil, assigned)
  head = patched(head, ${MUTABLE.overlapped}, string.char(beside, math.floor(count / 256), count % 256))
  head = patched(head, ${MUTABLE.intentsUntil}, pack64(ms + ${SAVE_MS}) .. ARGV[first + 1])
  -- Whoever writes may die between the save and its end: what was there is not even served as stale.
  outdate(key, head, assigned, pack64(0))
  tell(ARGV[first + 3], assigned, key)
  reply[2 * at], reply[2 * at + 1] = ms + ${SAVE_MS}, assigned
end
return reply
`,
  { width: 2 },
);
