import { MUTABLE, MUTABLE_MAGIC, FORMAT, HAS_SOURCE } from '../../../core/entry/layout.js';

/** States of an entry, as the header numbers them. */
export const STATE = { placeholder: 0, value: 1, tombstone: 2 } as const;

/**
 * What every script begins with. Numbers of 64 bits that the source brought are compared as two halves, because a Lua
 * number would lose bits and `<` on strings obeys the server's locale; our own (µs, ms) fit a Lua number.
 */
export const PRELUDE = `
local HEADER, TWO32 = ${MUTABLE.end}, 4294967296
local function now_us() local t = redis.call('TIME') return t[1] * 1000000 + t[2] end
local function read64(s, at) local hi, lo = struct.unpack('>I4I4', s, at + 1) return hi * TWO32 + lo end
local function pack64(n) return struct.pack('>I4I4', math.floor(n / TWO32), n % TWO32) end
local function patch(s, at, bytes) return string.sub(s, 1, at) .. bytes .. string.sub(s, at + #bytes + 1) end
local function ours(s) return #s >= HEADER and string.byte(s, 1) == ${MUTABLE_MAGIC} and string.byte(s, 2) == ${FORMAT} end
local function sourced(s) return string.byte(s, ${MUTABLE.flags + 1}) % 2 == ${HAS_SOURCE} end
local function source_below(a, b)
  local ah, al = struct.unpack('>I4I4', a, ${MUTABLE.source + 1})
  local bh, bl = struct.unpack('>I4I4', b, ${MUTABLE.source + 1})
  return ah < bh or (ah == bh and al < bl)
end
local function announce(channel, message, assigned)
  if message ~= '' then redis.call('PUBLISH', channel, message .. string.format('%.0f', assigned) .. ' ' .. KEYS[1]) end
end
`;
