import { PRELUDE } from '../calls/prelude.js';
import { GRAVE, HEADERS } from './prelude.js';
import { Script } from '../calls/script.js';

/**
 * Removes values and leaves tombstones that remember their source versions. The assigned version is of this moment at
 * least and above the one that was there, also for a key unknown here and for a tombstone, whose time starts anew: a load
 * under way in another process began before and must not be kept.
 *
 * ARGV  for each key: the highest assigned version the caller has seen · the message up to the version, '' to tell nobody
 * Status  1 removed
 */
export const REMOVE = new Script(
  `${PRELUDE}${HEADERS}${GRAVE}
for at, key in ipairs(KEYS) do
  local old, stored = known(key)
  local assigned = above(stored, ARGV[2 * at + 1])
  bury(key, disturbed(old), assigned)
  tell(ARGV[2 * at + 2], assigned, key)
  reply[2 * at], reply[2 * at + 1] = 1, assigned
end
return reply
`,
  { width: 2 },
);
