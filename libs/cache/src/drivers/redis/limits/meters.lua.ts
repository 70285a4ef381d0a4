/**
 * `core/limits/meters` in Lua: the same arithmetic in the same order, so that what the process works out from a state is
 * what the server decided. Without what only the answer needs.
 *
 * A stored value is `id=number,number…;` for each rule. `rules_of(text)` reads a list of rules,
 * `meters_of(rules, value)` their meters, `read(rule, meter)` brings one to now and gives what counts, `add(rule, meter,
 * amount)` counts, `keep(key, rules, meters)` stores what still counts.
 */
export const METERS = `
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

local function numbers(text)
  local list = {}
  for number in string.gmatch(text, '[^,]+') do list[#list + 1] = tonumber(number) end
  return list
end

local function meters_of(rules, value)
  local meters, stored = {}, {}
  if value then
    for id, text in string.gmatch(value, '([^=]+)=([^;]*);') do stored[id] = text end
  end
  for n, rule in ipairs(rules) do
    local text = stored[rule.id]
    meters[n] = text and numbers(text) or {}
  end
  return meters
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

local function keep(key, rules, meters)
  local value, longest = '', 0
  for n, rule in ipairs(rules) do
    value = value .. rule.id .. '=' .. text_of(meters[n]) .. ';'
    longest = max(longest, reset(rule, meters[n]))
  end
  if longest <= 0 then redis.call('DEL', key) return end
  redis.call('SET', key, value, 'PX', string.format('%.0f', math.ceil(longest)))
end
`;
