import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE, STATE } from './prelude.js';
import { Script } from './script.js';

/**
 * Makes a value no longer fresh, in place.
 *
 * KEYS  1 the entry
 * ARGV  1 deadline, server ms · 2 channel · 3 message up to the version
 * Gives {1 expired or nothing to expire | -1 past the deadline, assigned version, server ms}
 */
export const EXPIRE = new Script(`${PRELUDE}
local ms = math.floor(now_us() / 1000)
if ms > tonumber(ARGV[1]) then return { -1, '0', ms } end
local old = redis.call('GETRANGE', KEYS[1], 0, HEADER - 1)
local assigned = 0
if ours(old) and string.byte(old, ${MUTABLE.state + 1}) == ${STATE.value} then
  assigned = read64(old, ${MUTABLE.assigned})
  if read64(old, ${MUTABLE.freshUntil}) > ms then redis.call('SETRANGE', KEYS[1], ${MUTABLE.freshUntil}, pack64(ms)) end
end
announce(ARGV[2], ARGV[3], assigned)
return { 1, string.format('%.0f', assigned), ms }
`);
