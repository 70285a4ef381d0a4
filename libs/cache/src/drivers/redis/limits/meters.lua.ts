import { FOREIGN } from '../coordination/foreign-key.js';

/** No count is kept for longer, ms: 300 years, beyond which Redis takes no lifetime. */
const LONGEST_MS = 1e13;

/**
 * `core/limits/meters` in Lua: the same arithmetic in the same order, so that what the process works out from a state is
 * what the server decided. Without what only the answer needs.
 *
 * A stored value is `id=number,number…@end;` for each rule of the scope that counts something, the end in ms of the
 * server's time: a request may ask under some of the rules only, and the others keep their counts until then. So those of
 * rules that nobody has any more go by themselves. A meter that is alone has no end: it is that of the key.
 *
 * `rules_of(text)` reads a list of rules, `open(key, rules)` what is stored for them, `read(rule, meter)` brings a meter
 * to now and gives what counts, `add(rule, meter, amount)` counts, `keep(key, rules, state)` stores what still counts.
 */
export const METERS = `${FOREIGN}
local now = us / 1000
local floor, max, min = math.floor, math.max, math.min

local known = {}
local function rules_of(text)
  local rules = known[text]
  if rules then return rules end
  rules = {}
  for n, rule in ipairs(cjson.decode(text)) do
    rules[n] = { id = rule[1], kind = rule[2], limit = rule[3], per = rule[4], shadow = rule[5] == 1 }
  end
  known[text] = rules
  return rules
end

-- Nothing for what is no list of numbers.
local function numbers(text)
  local list = {}
  for part in string.gmatch(text, '[^,]+') do
    local number = tonumber(part)
    if not number or number - number ~= 0 then return nil end
    list[#list + 1] = number
  end
  return #list > 0 and list or nil
end

local counts = { gcra = 2, sliding = 3 }

-- The value as it is, the meters of the rules, and as text what others have counted, which is over at \`till\`. Nothing
-- where that is none of ours; then, second, what is there.
local function open(key, rules)
  local value = redis.pcall('GET', key)
  local state = { value = value or '', meters = {}, others = '', till = 0 }
  if not value then
    for n = 1, #rules do state.meters[n] = {} end
    return state
  end
  if type(value) ~= 'string' or value == '' then return nil, foreign(key, value) end
  local order, found = {}, {}
  local rest = string.gsub(value, '([^=;]+)=([%d.,e+-]+)@?(%d*);', function(id, text, till)
    local list = numbers(text)
    if not list then return nil end
    order[#order + 1] = id
    found[id] = { text = text, list = list, till = tonumber(till) }
    return ''
  end)
  if rest ~= '' then return nil, foreign(key, value) end
  for n, rule in ipairs(rules) do
    local one = found[rule.id]
    local count = counts[rule.kind]
    if one and count and #one.list ~= count then return nil, foreign(key, value) end
    state.meters[n] = one and one.list or {}
    found[rule.id] = nil
  end
  for _, id in ipairs(order) do
    local one = found[id]
    local till = one and (one.till or ms + redis.call('PTTL', key)) or 0
    if till > ms then
      state.others = state.others .. id .. '=' .. one.text .. string.format('@%.0f;', till)
      state.till = max(state.till, till)
    end
  end
  return state
end

local function read(rule, m)
  local per = rule.per
  if rule.kind == 'gcra' then
    local used, at = m[1] or 0, m[2] or 0
    if now > at then used = max(0, used - ((now - at) * rule.limit) / per) end
    m[1], m[2] = used, now
    return used
  elseif rule.kind == 'sliding' then
    local window = floor(now / per)
    local last = m[1] or 0
    if window > last then
      m[3] = window == last + 1 and (m[2] or 0) or 0
      m[1], m[2] = window, 0
    elseif window < last - 1 then
      m[1] = window
    end
    local left = min(1, max(0, 1 - (now - m[1] * per) / per))
    return m[2] + m[3] * left
  end
  local part = floor((now * 60) / per)
  local passed = part - (m[1] or 0)
  if passed > 60 then m = { m[1] } end
  if passed > 0 and #m > 1 then
    local moved = { part }
    for n = 1, passed do moved[n + 1] = 0 end
    for n = 2, min(#m, 62 - passed) do moved[n + passed] = m[n] end
    m = moved
  end
  if passed > 0 or passed < -60 then m[1] = part end
  local used = 0
  for n = 2, #m do used = used + m[n] end
  return used, m
end

local function add(rule, m, amount)
  if rule.kind == 'gcra' then
    m[1] = max(0, m[1] + amount)
  elseif rule.kind == 'sliding' then
    m[2] = m[2] + amount
    if m[2] < 0 then
      m[3] = max(0, m[3] + m[2])
      m[2] = 0
    end
  elseif amount >= 0 then
    m[2] = (m[2] or 0) + amount
  else
    local left = -amount
    for n = #m, 2, -1 do
      if left <= 0 then break end
      local taken = min(left, m[n])
      m[n] = m[n] - taken
      left = left - taken
    end
  end
end

local function reset(rule, m)
  local per = rule.per
  if rule.kind == 'gcra' then
    return rule.limit > 0 and (m[1] * per) / rule.limit or per
  elseif rule.kind == 'sliding' then
    local windows = m[2] > 0 and 2 or (m[3] > 0 and 1 or 0)
    return windows == 0 and 0 or (m[1] + windows) * per - now
  end
  for n = 2, #m do
    if m[n] > 0 then return ((m[1] - (n - 2) + 61) * per) / 60 - now end
  end
  return 0
end

local function text_of(m)
  local list = {}
  for n, number in ipairs(m) do
    list[n] = number == floor(number) and string.format('%.0f', number) or string.format('%.17g', number)
  end
  return table.concat(list, ',')
end

local function keep(key, rules, state)
  local value, till = state.others, state.till
  local is_alone = #rules == 1 and value == ''
  for n, rule in ipairs(rules) do
    local left = min(reset(rule, state.meters[n]), ${LONGEST_MS})
    if left > 0 then
      local ends = math.ceil(now + left)
      value = value .. rule.id .. '=' .. text_of(state.meters[n]) .. (is_alone and ';' or string.format('@%.0f;', ends))
      till = max(till, ends)
    end
  end
  if value == '' then redis.call('DEL', key) return end
  redis.call('SET', key, value, 'PX', string.format('%.0f', till - ms))
end
`;
