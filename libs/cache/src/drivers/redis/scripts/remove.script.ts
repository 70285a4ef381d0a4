import { FORMAT, MUTABLE, MUTABLE_MAGIC } from '../../../core/entry/layout.js';
import { PRELUDE, STATE } from './prelude.js';
import { Script } from './script.js';

/**
 * Removes a value and leaves a tombstone with its versions. A key unknown here gets one of this moment: a load under way
 * in another process began before it and must not be kept.
 *
 * KEYS  1 the entry
 * ARGV  1 ms the tombstone is kept · 2 deadline, server ms · 3 channel · 4 message up to the version
 * Gives {1 removed | -1 past the deadline, assigned version, server ms}
 */
export const REMOVE = new Script(`${PRELUDE}
local us = now_us()
local ms = math.floor(us / 1000)
if ms > tonumber(ARGV[2]) then return { -1, '0', ms } end
local old = redis.call('GETRANGE', KEYS[1], 0, HEADER - 1)
local assigned, kept = us, tonumber(ARGV[1])
local grave = string.char(${MUTABLE_MAGIC}, ${FORMAT}, ${STATE.tombstone}, 0) .. string.rep(string.char(0), HEADER - 4)
if ours(old) then
  assigned = read64(old, ${MUTABLE.assigned})
  grave = patch(grave, ${MUTABLE.flags}, string.sub(old, ${MUTABLE.flags + 1}, ${MUTABLE.flags + 1}))
  grave = patch(grave, ${MUTABLE.source}, string.sub(old, ${MUTABLE.source + 1}, ${MUTABLE.source + 8}))
end
grave = patch(grave, ${MUTABLE.assigned}, pack64(assigned))
grave = patch(grave, ${MUTABLE.createdAt}, pack64(ms) .. pack64(ms + kept) .. pack64(ms + kept))
if not (ours(old) and string.byte(old, ${MUTABLE.state + 1}) == ${STATE.tombstone}) then redis.call('SET', KEYS[1], grave, 'PX', kept) end
announce(ARGV[3], ARGV[4], assigned)
return { 1, string.format('%.0f', assigned), ms }
`);
