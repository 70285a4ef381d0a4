import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from './prelude.js';
import { Script } from './script.js';

/**
 * Keeps an entry unless something newer is there, and tells the bus.
 *
 * KEYS  1 the entry
 * ARGV  1 the entry's bytes, with its times and its assigned version · 2 deadline, server ms · 3 channel
 *       4 message up to the version, '' for none
 * Gives {1 stored | 0 older | -1 past the deadline, assigned version, server ms}
 */
export const STORE = new Script(`${PRELUDE}
local ms = math.floor(now_us() / 1000)
if ms > tonumber(ARGV[2]) then return { -1, '0', ms } end
local entry, old = ARGV[1], redis.call('GETRANGE', KEYS[1], 0, HEADER - 1)
local assigned = read64(entry, ${MUTABLE.assigned})
if ours(old) then
  local stored, older = read64(old, ${MUTABLE.assigned}), nil
  if sourced(old) and sourced(entry) then older = source_below(entry, old) else older = assigned < stored end
  if older then return { 0, string.format('%.0f', stored), ms } end
end
local high, low = struct.unpack('>I4I4', entry, ${MUTABLE.staleUntil + 1})
if high == TWO32 - 1 and low == TWO32 - 1 then redis.call('SET', KEYS[1], entry)
else redis.call('SET', KEYS[1], entry, 'PX', math.max(1, high * TWO32 + low - ms)) end
announce(ARGV[3], ARGV[4], assigned)
return { 1, string.format('%.0f', assigned), ms }
`);
