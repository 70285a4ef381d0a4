import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';
import { LEASE_MS } from '../../../core/coherence/lease.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { BLANK, HEADERS, STATE, zeros } from './prelude.js';

/** How a claim ends. */
export const CLAIMED = { mine: 0, found: 1, busy: 2, closed: 3 } as const;

/**
 * Takes leases. A key that is not there costs one command: the placeholder that holds the lease is its value until the
 * fill. One that another process has filled meanwhile is given as it is; who finds another's lease is marked as waiting.
 *
 * ARGV  for each key: the lease · the highest assigned version the caller has seen · the version up to which a value is over,
 *       however fresh it says it is, or 0
 * Says  0 mine, 1 found, 2 busy, 3 closed · the entry's bytes when found, ms until the other's lease ends when busy, else 0 ·
 *       the version of what is loaded when mine, else 0
 */
export const CLAIM_LEASE = new Script(
  `${PRELUDE}
local function pack(n) return struct.pack('>I4I4', math.floor(n / 4294967296), n % 4294967296) end
local lease_ends = pack(ms + ${LEASE_MS})
local left
for at, key in ipairs(KEYS) do
  local lease, seen, assigned = ARGV[3 * at], tonumber(ARGV[3 * at + 1]), us
  if seen >= us and seen <= us + ${AHEAD_US} then assigned = seen + 1 end
  local placeholder = ${BLANK} .. pack(assigned) .. ${zeros(MUTABLE.leaseOwner - MUTABLE.source)} .. lease .. lease_ends .. ${zeros(MUTABLE.end - MUTABLE.intentsUntil)}
  local there = redis.pcall('SET', key, placeholder, 'PX', ${LEASE_MS}, 'NX', 'GET')
  reply[3 * at - 1], reply[3 * at], reply[3 * at + 1] = ${CLAIMED.mine}, 0, assigned
  if there then
    left = left or {}
    left[#left + 1] = { at, there, placeholder }
  end
end
if not left then return reply end
${HEADERS}
local function settle(key, there, lease, assigned, over)
  local old, stored = known(key)
  if not old then return false end
  local ends = read64(old, ${MUTABLE.leaseUntil})
  -- One that is farther off than any lease is of a clock that has been set back since.
  local is_leased = ends > ms and ends <= ms + ${2 * LEASE_MS}
  -- Under a lease of another who knows a value to be over, it has the version of what is being loaded, and is not that.
  if is(old, ${STATE.value}) and read64(old, ${MUTABLE.freshUntil}) > ms and stored > over and not (is_leased and over > 0) then
    return ${CLAIMED.found}, there, 0
  end
  if opens(old) > 0 then return ${CLAIMED.closed}, 0, 0 end
  if is_leased then
    redis.call('SETRANGE', key, ${MUTABLE.waiters}, string.char(1))
    return ${CLAIMED.busy}, ends - ms, 0
  end
  assigned = math.max(assigned, stored + 1)
  redis.call('SETRANGE', key, ${MUTABLE.assigned}, pack64(assigned))
  redis.call('SETRANGE', key, ${MUTABLE.waiters}, string.char(0))
  redis.call('SETRANGE', key, ${MUTABLE.leaseOwner}, lease .. lease_ends)
  local lives = redis.call('PTTL', key)
  if lives >= 0 and lives < ${LEASE_MS} then redis.call('PEXPIRE', key, ${LEASE_MS}) end
  return ${CLAIMED.mine}, 0, assigned
end
for _, one in ipairs(left) do
  local at, there, placeholder = one[1], one[2], one[3]
  local key, full = KEYS[at], type(there) == 'table' and there.err and not string.find(there.err, 'WRONGTYPE', 1, true)
  if full then
    reply[3 * at - 1], reply[3 * at], reply[3 * at + 1] = ${CLAIMED.closed}, 0, 0
  else
    local kind, about, assigned = settle(key, there, ARGV[3 * at], reply[3 * at + 1], tonumber(ARGV[3 * at + 2]))
    if kind then
      reply[3 * at - 1], reply[3 * at], reply[3 * at + 1] = kind, about, assigned
    else
      redis.call('SET', key, placeholder, 'PX', ${LEASE_MS})
    end
  end
end
return reply
`,
  { width: 3 },
);
