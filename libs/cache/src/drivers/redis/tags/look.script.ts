import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { COUNTS } from './prelude.js';

/**
 * What is known of tags.
 *
 * KEYS  for each tag the hash of its cache
 * ARGV  for each key: the tag, '' for the cache alone · the highest number that the caller has seen
 * Says  the generation · the floor · when the tag was expired last · when it was deleted last; 0: never
 */
export const LOOK_AT_TAG = new Script(
  `${PRELUDE}${COUNTS}
for at, key in ipairs(KEYS) do
  local generation, floor = count(key, believed(ARGV[2 * at + 2]))
  local expired, deleted = parsed(redis.call('HMGET', key, ':' .. ARGV[2 * at + 1])[1])
  reply[4 * at - 2], reply[4 * at - 1] = digits(generation), digits(floor)
  reply[4 * at], reply[4 * at + 1] = digits(expired), digits(deleted)
end
return reply
`,
  { width: 4 },
);
