import { Script } from '../../calls/script.js';
import { PRELUDE } from '../../calls/prelude.js';
import { METERS } from '../meters.lua.js';

/** What an answer begins with about a key of somebody else. */
export const NOT_OURS = '!';

/** The answer past the deadline. */
export const LATE = 'late';

/**
 * Decides requests of one scope and identity, in their order, at one time. A request counts under all rules or under none.
 *
 * KEYS  any number of scopes and identities
 * ARGV  as all of coordination, then for each key
 *       1 deadline of its requests, server ms: past it nothing is counted
 *       2 rules as JSON: [id, kind, limit, per ms, 1 in the shadow], …
 *       3 requests as runs of one cost: `cost`x`count`,…
 *
 * Gives for each key `server µs`:`value before`, from which the process works out the same decisions; `late` past the
 * deadline; `!` and what is there, where that is not ours: it stays as it is.
 */
export const DECIDE = new Script(
  `${PRELUDE}${METERS}
local now_text = string.format('%.17g', now)

-- What most scopes are, one rule of two numbers: without tables. False where it is not that.
local function decide_one(rule, key, runs)
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then return false end
  local used = 0
  local head = rule.id .. '='
  if value then
    if string.sub(value, 1, #head) ~= head then return false end
    local count, since = string.match(value, '^([%d.e+-]+),([%d.e+-]+);$', #head + 1)
    used, since = tonumber(count or ''), tonumber(since or '')
    if not used or not since or used - used ~= 0 then return false end
    if now > since then used = max(0, used - ((now - since) * rule.limit) / rule.per) end
  end
  local counted = false
  for cost, count in string.gmatch(runs, '([^x,]+)x(%d+)') do
    cost = tonumber(cost)
    for _ = 1, tonumber(count) do
      if used + cost > rule.limit + 1e-6 then break end
      used, counted = max(0, used + cost), true
    end
  end
  if counted then
    local text = used == floor(used) and string.format('%.0f', used) or string.format('%.17g', used)
    local left = string.format('%.0f', math.ceil((used * rule.per) / rule.limit))
    redis.call('SET', key, head .. text .. ',' .. now_text .. ';', 'PX', left)
  end
  return value or ''
end

local function decide_all(rules, key, runs)
  local state, other = open(key, rules)
  if not state then return nil, other end
  local meters, used, counted = state.meters, {}, false
  local function look(n)
    local sum, moved = read(rules[n], meters[n])
    used[n] = sum
    meters[n] = moved or meters[n]
  end
  for n = 1, #rules do look(n) end
  for cost, count in string.gmatch(runs, '([^x,]+)x(%d+)') do
    cost = tonumber(cost)
    for _ = 1, tonumber(count) do
      local allowed = true
      for n, rule in ipairs(rules) do
        if not rule.shadow and used[n] + cost > rule.limit + 1e-6 then allowed = false end
      end
      -- The next of the same cost would be refused as well: a refusal changes nothing.
      if not allowed then break end
      for n, rule in ipairs(rules) do
        if used[n] + cost <= rule.limit + 1e-6 then
          add(rule, meters[n], cost)
          look(n)
          counted = true
        end
      end
    end
  end
  if counted then keep(key, rules, state) end
  return state.value
end

for at, key in ipairs(KEYS) do
  local base = 2 + (at - 1) * 3
  if ms > tonumber(ARGV[base + 1]) then
    reply[at + 1] = '${LATE}'
  else
    local rules, runs = rules_of(ARGV[base + 2]), ARGV[base + 3]
    local value, other = #rules == 1 and rules[1].kind == 'gcra' and decide_one(rules[1], key, runs)
    if not value then value, other = decide_all(rules, key, runs) end
    reply[at + 1] = other and '${NOT_OURS}' .. other or reply[1] .. ':' .. value
  end
end
return reply
`,
  { width: 1 },
);
