import { LEASE_MS } from '../../../core/coherence/lease.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { PRELUDE } from '../calls/prelude.js';
import { Script } from '../calls/script.js';
import { HEADERS, LEASES } from './prelude.js';

/**
 * Gives leases their full time again.
 *
 * ARGV  for each key: the lease
 * Says  1 done, 0 the lease is void · the assigned version of the key
 */
export const RENEW_LEASE = new Script(
  `${PRELUDE}${HEADERS}${LEASES}
for at, key in ipairs(KEYS) do
  local status, old, stored = 0, known(key)
  if old and holds(old, ARGV[at + 2]) then
    redis.call('SETRANGE', key, ${MUTABLE.leaseUntil}, pack64(ms + ${LEASE_MS}))
    local lives = redis.call('PTTL', key)
    if lives >= 0 and lives < ${LEASE_MS} then redis.call('PEXPIRE', key, ${LEASE_MS}) end
    status = 1
  end
  reply[2 * at], reply[2 * at + 1] = status, stored
end
return reply
`,
  { width: 2 },
);
