import { Script } from '../../calls/script.js';
import { PRELUDE } from '../../calls/prelude.js';
import { METERS } from '../meters.lua.js';

/**
 * Counts more or less under every rule of a scope and identity, whatever the limits. What nothing counts under is not
 * there: to give back nothing leaves no key.
 *
 * KEYS  any number of scopes and identities
 * ARGV  as all of coordination, then for each key
 *       1 rules as JSON, as in `decide`; `[]`: forget everything
 *       2 the amount, negative to give back
 *
 * Gives for each key 1, or what is there where that is not ours: it stays as it is.
 */
export const ADJUST = new Script(
  `${PRELUDE}${METERS}
for at, key in ipairs(KEYS) do
  local base = 2 + (at - 1) * 2
  local rules = rules_of(ARGV[base + 1])
  local state, other = open(key, rules)
  reply[at + 1] = other or 1
  if state and #rules == 0 then
    redis.call('DEL', key)
  elseif state then
    for n, rule in ipairs(rules) do
      local _, moved = read(rule, state.meters[n])
      state.meters[n] = moved or state.meters[n]
      add(rule, state.meters[n], tonumber(ARGV[base + 2]))
    end
    keep(key, rules, state)
  end
end
return reply
`,
  { width: 1 },
);
