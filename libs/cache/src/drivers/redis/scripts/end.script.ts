import { HAS_SOURCE, INTENT_OWNER_BYTES, MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { GRAVE, HEADERS, OVERLAP, SETTING, SOURCES, STATE } from './prelude.js';

/** How a write ends. */
export const ENDED = { removed: 0, stored: 1, older: 2 } as const;

/**
 * Ends a write. Its value is kept where it is known to be the newest: nobody else wrote the key meanwhile, or the source's
 * own versions say so. Otherwise the key is left empty. A value that is kept while another write is under way is fresh
 * no longer than that one may take: whoever writes may die.
 *
 * ARGV  for each key: the intent · when it lapses, server ms, 0: nobody confirmed that it began · the entry's bytes, or '' ·
 *       1 nobody of the caller's process wrote the key meanwhile, else 0 · the highest assigned version the caller has
 *       seen · the message of a value up to the version, which becomes that of a removal where none is kept
 * Says  0 removed, 1 stored, 2 the source calls what is there newer · the assigned version of the key
 */
export const END = new Script(
  `${PRELUDE}${HEADERS}${GRAVE}${SETTING}${SOURCES}
local MARKS = ${MUTABLE.overlapped}
-- What is known of the key without this write; whether a version may place it, and whether it is known to be the newest.
local function without(old, intent, till, is_alone)
  local count = old and opens(old) or 0
  if count == 0 then return old, false, false end
  local is_last_begun = string.sub(old, ${MUTABLE.intentOwner + 1}, ${MUTABLE.intentOwner + INTENT_OWNER_BYTES}) == intent
  local beside = string.byte(old, MARKS + 1)
  local is_counted = till > ms or is_last_begun
  if is_counted then count = count - 1 else beside = ${OVERLAP.disturbed} end
  local is_placed = till > ms and beside ~= ${OVERLAP.disturbed}
  local left = patched(old, MARKS, string.char(beside, math.floor(count / 256), count % 256))
  return left, is_placed, is_placed and is_last_begun and beside == ${OVERLAP.none} and is_alone
end
local function keep(key, entry, left, assigned)
  local served
  entry = patched(entry, ${MUTABLE.assigned}, pack64(assigned))
  if opens(left) > 0 then
    local till = math.min(read64(entry, ${MUTABLE.freshUntil}), read64(left, ${MUTABLE.intentsUntil}))
    entry = patched(entry, ${MUTABLE.freshUntil}, pack64(till))
    -- Its bytes stay as long as they would, to remember the version; it is served no longer than this, not even as stale.
    served = pack64(till)
    entry = patched(entry, MARKS, string.sub(left, MARKS + 1, MARKS + 3))
    entry = patched(entry, ${MUTABLE.intentsUntil}, string.sub(left, ${MUTABLE.intentsUntil + 1}, HEADER))
  end
  set(key, entry)
  if served then redis.call('SETRANGE', key, ${MUTABLE.staleUntil}, served) end
  return ${ENDED.stored}
end
-- The source calls what is known of the key newer.
local function yield(key, left, assigned)
  if not is(left, ${STATE.value}) then
    bury(key, left, assigned)
    return ${ENDED.removed}
  end
  if full(redis.pcall('SETRANGE', key, 0, patched(left, ${MUTABLE.assigned}, pack64(assigned)))) then redis.call('DEL', key) end
  return ${ENDED.older}
end
local function finish(key, entry, assigned, place)
  local left, is_placed, is_newest = place.left, place.is_placed, place.is_newest
  if entry == '' then
    bury(key, disturbed(left), assigned)
    return ${ENDED.removed}
  end
  local has_order = left and sourced(entry) and sourced(left)
  if is_placed and has_order and source_below(entry, left) then return yield(key, left, assigned) end
  -- Two writes of one version (a timestamp of whole seconds, say): nobody knows which is the newer.
  local is_ordered = sourced(entry) and not (has_order and not source_below(left, entry))
  if is_newest or (is_placed and is_ordered) then return keep(key, entry, left, assigned) end
  if left and sourced(entry) and not (has_order and source_below(entry, left)) then
    left = patched(left, ${MUTABLE.flags}, string.char(${HAS_SOURCE}))
    left = patched(left, ${MUTABLE.source}, string.sub(entry, ${MUTABLE.source + 1}, ${MUTABLE.source + 8}))
  end
  bury(key, left, assigned)
  return ${ENDED.removed}
end
for at, key in ipairs(KEYS) do
  local first = 6 * at - 4
  local old, stored = known(key)
  local assigned = above(stored, ARGV[first + 5])
  local place = {}
  place.left, place.is_placed, place.is_newest =
    without(old, ARGV[first + 1], tonumber(ARGV[first + 2]), ARGV[first + 4] == '1')
  local status = finish(key, ARGV[first + 3], assigned, place)
  local message = ARGV[first + 6]
  if status == ${ENDED.removed} then message = string.gsub(message, ' set $', ' delete ') end
  tell(message, assigned, key)
  reply[2 * at], reply[2 * at + 1] = status, assigned
end
return reply
`,
  { width: 2 },
);
