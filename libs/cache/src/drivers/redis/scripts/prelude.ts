import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';
import { SAVE_MS } from '../../../core/coherence/lease.js';
import { FORMAT, HAS_SOURCE, LEASE_OWNER_BYTES, MUTABLE, MUTABLE_MAGIC } from '../../../core/entry/layout.js';
import { TOMBSTONE_MS } from '../../../core/layers/layer.js';

/** States of an entry, as the header numbers them. */
export const STATE = { placeholder: 0, value: 1, tombstone: 2 } as const;

/** What happened beside a write under way. `overlapped`: another one; `disturbed`: something that no version tells of. */
export const OVERLAP = { none: 0, overlapped: 1, disturbed: 2 } as const;

/** So many bytes of zero, as Lua writes them: made once, when the server reads the script. */
export const zeros = (count: number): string => `'${'\\0'.repeat(count)}'`;

/** How a placeholder begins that nobody but its loader has to do with: up to the assigned version. */
export const BLANK = `'\\${MUTABLE_MAGIC}\\${FORMAT}${'\\0'.repeat(MUTABLE.assigned - 2)}'`;

/** What the message begins with that wakes those who wait for a load; then the news, and the key. */
export const WAKE = '1 wake ';

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
-- How many writes of the key are under way; none once their time is over. One that is farther off than any write may
-- take is of a clock that has been set back since, or of another server's: nobody waits for that.
local function opens(s)
  local high, low = string.byte(s, ${MUTABLE.openIntents + 1}, ${MUTABLE.openIntents + 2})
  local count, till = high * 256 + low, read64(s, ${MUTABLE.intentsUntil})
  return count > 0 and till > ms and till <= ms + ${2 * SAVE_MS} and count or 0
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
-- Writers under way can no longer know their place.
local function disturbed(s)
  if not s or opens(s) == 0 then return s end
  return patched(s, ${MUTABLE.overlapped}, string.char(${OVERLAP.disturbed}))
end
-- What is left of an entry that goes: its source version, its open writes.
local function grave(old, assigned)
  local head = string.char(${MUTABLE_MAGIC}, ${FORMAT}, ${STATE.tombstone}, 0) .. string.rep(string.char(0), HEADER - 4)
  if old then
    head = patched(head, ${MUTABLE.flags}, string.sub(old, ${MUTABLE.flags + 1}, ${MUTABLE.flags + 1}))
    head = patched(head, ${MUTABLE.source}, string.sub(old, ${MUTABLE.source + 1}, ${MUTABLE.source + 8}))
    if opens(old) > 0 then
      head = patched(head, ${MUTABLE.overlapped}, string.sub(old, ${MUTABLE.overlapped + 1}, ${MUTABLE.openIntents + 2}))
      head = patched(head, ${MUTABLE.intentsUntil}, string.sub(old, ${MUTABLE.intentsUntil + 1}, HEADER))
    end
  end
  head = patched(head, ${MUTABLE.assigned}, pack64(assigned))
  local over = pack64(ms + ${TOMBSTONE_MS})
  return patched(head, ${MUTABLE.createdAt}, pack64(ms) .. over .. over)
end
local function bury(key, old, assigned)
  if full(redis.pcall('SET', key, grave(old, assigned), 'PX', ${TOMBSTONE_MS})) then redis.call('DEL', key) end
end
-- Until when a value that is made stale may be served as such: as if its ttl ended now. What has no end has none then.
local ENDLESS = 9007199254740992
local function servable(old)
  local fresh, stale = read64(old, ${MUTABLE.freshUntil}), read64(old, ${MUTABLE.staleUntil})
  if fresh > ms and stale < ENDLESS then return pack64(ms + stale - fresh) end
  return string.sub(old, ${MUTABLE.staleUntil + 1}, ${MUTABLE.staleUntil + 8})
end
-- Makes what is there stale and voids its lease; a value stays as long as a tombstone would.
local function outdate(key, old, assigned, stale_until)
  if not (old and is(old, ${STATE.value})) then return bury(key, old, assigned) end
  local head = patched(old, ${MUTABLE.assigned}, pack64(assigned))
  -- Not this moment: a process whose clock is a little behind would call it fresh.
  head = patched(head, ${MUTABLE.freshUntil}, pack64(0) .. stale_until)
  head = patched(head, ${MUTABLE.waiters}, string.char(0))
  head = patched(head, ${MUTABLE.leaseOwner}, string.rep(string.char(0), ${MUTABLE.intentsUntil - MUTABLE.leaseOwner}))
  if full(redis.pcall('SETRANGE', key, 0, head)) then redis.call('DEL', key) end
  local left = redis.call('PTTL', key)
  if left >= 0 and left < ${TOMBSTONE_MS} then redis.call('PEXPIRE', key, ${TOMBSTONE_MS}) end
end
`;

/** Keeps an entry's bytes as long as they say. */
export const SETTING = `
local function set(key, entry, ...)
  local high, low = struct.unpack('>I4I4', entry, ${MUTABLE.staleUntil + 1})
  if high == 4294967295 and low == 4294967295 then return redis.call('SET', key, entry, ...) end
  return redis.call('SET', key, entry, 'PX', math.max(1, high * 4294967296 + low - ms), ...)
end
`;

/** Orders two headers that both have the source's own version. */
export const SOURCES = `
local function source_below(a, b)
  local ah, al = struct.unpack('>I4I4', a, ${MUTABLE.source + 1})
  local bh, bl = struct.unpack('>I4I4', b, ${MUTABLE.source + 1})
  return ah < bh or (ah == bh and al < bl)
end
`;

/** For the scripts of those who hold a lease. Only where somebody waits is anything told. */
export const LEASES = `
local function holds(old, lease)
  return string.sub(old, ${MUTABLE.leaseOwner + 1}, ${MUTABLE.leaseOwner + LEASE_OWNER_BYTES}) == lease
end
local function wake(key, old, news)
  if string.byte(old, ${MUTABLE.waiters + 1}) == 1 then redis.call('PUBLISH', ARGV[2], '${WAKE}' .. news .. ' ' .. key) end
end
local function give_back(key, old, news)
  if is(old, ${STATE.placeholder}) then
    redis.call('DEL', key)
  else
    redis.call('SETRANGE', key, ${MUTABLE.waiters}, string.char(0))
    redis.call('SETRANGE', key, ${MUTABLE.leaseOwner}, string.rep(string.char(0), ${MUTABLE.intentsUntil - MUTABLE.leaseOwner}))
  end
  wake(key, old, news)
end
`;
