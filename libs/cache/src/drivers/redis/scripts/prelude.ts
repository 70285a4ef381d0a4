import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';
import { FORMAT, HAS_SOURCE, MUTABLE, MUTABLE_MAGIC } from '../../../core/entry/layout.js';
import { TOMBSTONE_MS } from '../../../core/layers/layer.js';

/** States of an entry, as the header numbers them. */
export const STATE = { placeholder: 0, value: 1, tombstone: 2 } as const;

/**
 * What scripts share; making a function costs a script as much as a small command, so it stands where it is needed.
 * Numbers of 64 bits that the source brought are compared as two halves, because a Lua number would lose bits and `<` on
 * strings obeys the server's locale; our own (µs, ms) fit a Lua number. `known` gives the header under a key and its
 * assigned version; nothing and 0 where there is none of ours.
 */
export const HEADERS = `
local HEADER, TWO32 = ${MUTABLE.end}, 4294967296
local function read64(s, at) local hi, lo = struct.unpack('>I4I4', s, at + 1) return hi * TWO32 + lo end
local function pack64(n) return struct.pack('>I4I4', math.floor(n / TWO32), n % TWO32) end
local function is(s, state) return string.byte(s, ${MUTABLE.state + 1}) == state end
local function sourced(s) return string.byte(s, ${MUTABLE.flags + 1}) % 2 == ${HAS_SOURCE} end
local function known(key)
  local old = redis.pcall('GETRANGE', key, 0, HEADER - 1)
  if type(old) ~= 'string' or #old < HEADER then return nil, 0 end
  if string.byte(old, 1) ~= ${MUTABLE_MAGIC} or string.byte(old, 2) ~= ${FORMAT} then return nil, 0 end
  local assigned = read64(old, ${MUTABLE.assigned})
  if assigned > us + ${AHEAD_US} then return nil, 0 end
  return old, assigned
end
local function tell(head, assigned, key)
  if head ~= '' then redis.call('PUBLISH', ARGV[2], head .. string.format('%.0f', assigned) .. ' ' .. key) end
end
`;

/**
 * For the scripts that invalidate: the version above all that began before, the caller's own included, and the tombstone
 * that holds it. A server without memory to spare refuses what grows: then the key goes without a trace, and all are told.
 */
export const GRAVE = `
local function above(stored, seen)
  local known_to_caller = tonumber(seen)
  if known_to_caller > us + ${AHEAD_US} then known_to_caller = 0 end
  return math.max(stored + 1, us, known_to_caller + 1)
end
local function full(outcome)
  if type(outcome) ~= 'table' or not outcome.err then return false end
  if string.find(outcome.err, 'OOM', 1, true) then return true end
  error(outcome.err)
end
local function patched(s, at, bytes) return string.sub(s, 1, at) .. bytes .. string.sub(s, at + #bytes + 1) end
local function bury(key, old, assigned)
  local grave = string.char(${MUTABLE_MAGIC}, ${FORMAT}, ${STATE.tombstone}, 0) .. string.rep(string.char(0), HEADER - 4)
  if old then
    grave = patched(grave, ${MUTABLE.flags}, string.sub(old, ${MUTABLE.flags + 1}, ${MUTABLE.flags + 1}))
    grave = patched(grave, ${MUTABLE.source}, string.sub(old, ${MUTABLE.source + 1}, ${MUTABLE.source + 8}))
  end
  grave = patched(grave, ${MUTABLE.assigned}, pack64(assigned))
  local over = pack64(ms + ${TOMBSTONE_MS})
  grave = patched(grave, ${MUTABLE.createdAt}, pack64(ms) .. over .. over)
  if full(redis.pcall('SET', key, grave, 'PX', ${TOMBSTONE_MS})) then redis.call('DEL', key) end
end
`;
