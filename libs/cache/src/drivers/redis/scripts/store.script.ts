import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { HEADERS, OVERLAP, SETTING, SOURCES, STATE } from './prelude.js';
import { Script } from '../calls/script.js';

/** What stands in the place of a message where the value was loaded, not written. */
export const LOADED = 'load';

/**
 * Keeps entries unless something newer is there. A load is as old as the moment it began, a write as the moment its save
 * was done: what was removed, made stale or written after that refuses it, however long it was on its way. Between two
 * values that are fresh and have source versions these decide. The assigned version of a key never falls. Writes are told.
 * Writes that are under way stay so.
 *
 * ARGV  for each key: the entry's bytes, with its times and its assigned version · 'load', or the message up to the
 *       version, '' to tell nobody · 1 where only a higher source version places it, else 0
 * Status  1 stored | 0 older
 */
export const STORE = new Script(
  `${PRELUDE}${SETTING}local left
-- Most loads are of keys that are not there: one command for each of those.
for at = 1, #KEYS do
  local entry, assigned = ARGV[3 * at], nil
  if ARGV[3 * at + 1] == '${LOADED}' then
    local high, low = struct.unpack('>I4I4', entry, ${MUTABLE.assigned + 1})
    assigned = high * 4294967296 + low
    if assigned > us + ${AHEAD_US} or not set(KEYS[at], entry, 'NX') then assigned = nil end
  end
  if not assigned then left = true end
  reply[2 * at], reply[2 * at + 1] = 1, assigned or -1
end
if not left then return reply end
${HEADERS}${SOURCES}local function is_older(entry, old, began_before, is_contested)
  if old and sourced(old) and sourced(entry) then
    if source_below(entry, old) or (is_contested and not source_below(old, entry)) then return true end
    if is(old, ${STATE.value}) and read64(old, ${MUTABLE.freshUntil}) > ms then return false end
  end
  return began_before
end
-- A value beside a write under way is served no longer than that one may take, for whoever writes may die; and that one
-- keeps nothing, for nobody knows which is the newer.
local function remain_open(key, entry, old)
  local till = string.sub(old, ${MUTABLE.intentsUntil + 1}, ${MUTABLE.intentsUntil + 8})
  if read64(entry, ${MUTABLE.freshUntil}) <= read64(old, ${MUTABLE.intentsUntil}) then
    till = string.sub(entry, ${MUTABLE.freshUntil + 1}, ${MUTABLE.freshUntil + 8})
  end
  redis.call('SETRANGE', key, ${MUTABLE.freshUntil}, till .. till)
  local count = string.sub(old, ${MUTABLE.openIntents + 1}, ${MUTABLE.openIntents + 2})
  redis.call('SETRANGE', key, ${MUTABLE.overlapped}, string.char(${OVERLAP.disturbed}) .. count)
  redis.call('SETRANGE', key, ${MUTABLE.intentsUntil}, string.sub(old, ${MUTABLE.intentsUntil + 1}, HEADER))
end
local function keep(key, entry, message, is_contested)
  local is_load, old, stored = message == '${LOADED}', known(key)
  local assigned = read64(entry, ${MUTABLE.assigned})
  if assigned > us + ${AHEAD_US} or is_older(entry, old, assigned < stored, is_contested) then return 0, stored end
  set(key, entry)
  if old and opens(old) > 0 then remain_open(key, entry, old) end
  if assigned < stored then
    assigned = stored
    redis.call('SETRANGE', key, ${MUTABLE.assigned}, pack64(assigned))
  end
  if not is_load then tell(message, assigned, key) end
  return 1, assigned
end
for at = 1, #KEYS do
  if reply[2 * at + 1] == -1 then
    reply[2 * at], reply[2 * at + 1] = keep(KEYS[at], ARGV[3 * at], ARGV[3 * at + 1], ARGV[3 * at + 2] == '1')
  end
end
return reply
`,
  { width: 2, untold: 0 },
);
