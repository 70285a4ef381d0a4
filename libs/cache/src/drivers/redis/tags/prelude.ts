import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';

/**
 * The hash of a named cache: `g` the generation, `f` the floor, `c` where the last sweep stopped, and for each tag, behind
 * a `:`, the numbers of its last expiry and its last deletion. Numbers are microseconds of the server's clock where
 * that rises. `count` gives generation and floor; of a hash that is not there nobody knows what was told before, so
 * nothing of then counts any more. `digits` writes a number as it is: Lua would write it with an exponent.
 */
export const COUNTS = `
local function digits(n) return string.format('%.0f', n) end
local function believed(text)
  local n = tonumber(text)
  return n <= us + ${AHEAD_US} and n or 0
end
local function count(key, seen)
  local kept = redis.call('HMGET', key, 'g', 'f')
  local generation, floor = tonumber(kept[1] or ''), tonumber(kept[2] or '')
  if generation and floor then return generation, floor end
  generation = math.max(us, seen + 1)
  redis.call('HSET', key, 'g', digits(generation), 'f', digits(generation))
  return generation, generation
end
local function parsed(text)
  local expired, deleted = string.match(text or '', '^(%d+) (%d+)$')
  return tonumber(expired or '0'), tonumber(deleted or '0')
end
`;
