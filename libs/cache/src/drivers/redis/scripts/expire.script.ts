import { PRELUDE } from '../calls/prelude.js';
import { GRAVE, HEADERS } from './prelude.js';
import { Script } from '../calls/script.js';

/**
 * Makes values no longer fresh, in place, under an assigned version as `REMOVE` gives it; where there is no value it
 * leaves a tombstone. The version is remembered as long as a tombstone's, also of a value that would be over sooner:
 * its own times say that it is over then.
 *
 * ARGV  for each key: the highest assigned version the caller has seen · the message up to the version, '' to tell nobody
 * Status  1 expired
 */
export const EXPIRE = new Script(
  `${PRELUDE}${HEADERS}${GRAVE}
for at, key in ipairs(KEYS) do
  local old, stored = known(key)
  local assigned = above(stored, ARGV[2 * at + 1])
  outdate(key, disturbed(old), assigned, old and servable(old))
  tell(ARGV[2 * at + 2], assigned, key)
  reply[2 * at], reply[2 * at + 1] = 1, assigned
end
return reply
`,
  { width: 2 },
);
