import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { COUNTS } from './prelude.js';

/** Fields looked at in a bump for those that are too old. */
const SWEPT = 16;

/** What a bump did. */
export const BUMPED = { nothing: 0, raised: 1 } as const;

/**
 * Invalidates tags of a cache, or all that it holds: they get a number above all before, and everybody is told. In the
 * same time whatever the number of entries. Each call looks at a few fields more and forgets what no entry can be as old
 * as; where there are too many tags it raises the floor to the oldest of those, and later calls forget what is below it.
 *
 * KEYS  the hash of the cache
 * ARGV  for each key: 'delete' or 'expire' · the tags with a space between, '' for everything · 0, or the number that it
 *       was given before a server was lost: then it is only made up for what is lower · the highest number that the caller
 *       has seen · the message up to the number · the rest of the message · how long a tag is remembered, µs · tags
 *       remembered at most
 * Says  1 raised, 0 there was nothing to make up for, and nobody was told · the number
 */
export const BUMP_TAGS = new Script(
  `${PRELUDE}${COUNTS}
local function sweep(key, floor, lifetime, most)
  local page = redis.call('HSCAN', key, redis.call('HMGET', key, 'c')[1] or '0', 'COUNT', ${SWEPT})
  local fields, oldest = page[2], nil
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 1) == ':' then
      local last = math.max(parsed(fields[i + 1]))
      if last <= floor or last < us - lifetime then
        redis.call('HDEL', key, fields[i])
        floor = math.max(floor, last)
      elseif not oldest or last < oldest then
        oldest = last
      end
    end
  end
  if oldest and redis.call('HLEN', key) > most + 3 then floor = math.max(floor, oldest) end
  redis.call('HSET', key, 'c', page[1], 'f', digits(floor))
end
local function raise(key, mode, tags, number)
  local changed = false
  for tag in string.gmatch(tags, '[^ ]+') do
    local expired, deleted = parsed(redis.call('HMGET', key, ':' .. tag)[1])
    if mode == 'delete' and deleted < number then deleted, changed = number, true end
    if mode == 'expire' and expired < number then expired, changed = number, true end
    redis.call('HSET', key, ':' .. tag, digits(expired) .. ' ' .. digits(deleted))
  end
  return changed
end
for at, key in ipairs(KEYS) do
  local first = 8 * at - 6
  local mode, tags, number, seen = ARGV[first + 1], ARGV[first + 2], tonumber(ARGV[first + 3]), believed(ARGV[first + 4])
  local generation, floor = count(key, seen)
  if number == 0 then number = math.max(generation + 1, us, seen + 1) end
  local changed = raise(key, mode, tags, number)
  if tags == '' and floor < number then floor, changed = number, true end
  redis.call('HSET', key, 'g', digits(math.max(generation, number)))
  sweep(key, floor, tonumber(ARGV[first + 7]), tonumber(ARGV[first + 8]))
  if changed then redis.call('PUBLISH', ARGV[2], ARGV[first + 5] .. digits(number) .. ' ' .. ARGV[first + 6]) end
  reply[2 * at], reply[2 * at + 1] = changed and ${BUMPED.raised} or ${BUMPED.nothing}, digits(number)
end
return reply
`,
  { width: 2, untold: BUMPED.nothing },
);
