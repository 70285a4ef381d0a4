import { OFFER_MS, PLACE_MS } from '../../../../core/locks/line-times.js';
import { PRELUDE } from '../../calls/prelude.js';
import { FOREIGN } from '../../coordination/foreign-key.js';

/** How long a free lock is remembered: its highest token, and its line. */
export const REMEMBERED_MS = 600_000;

/** Nobody. */
export const NOBODY = '-';

/** Tokens are below this: up to here Lua's numbers are exact, which is until the year 2255. */
export const TOO_HIGH = 2 ** 53;

/**
 * What scripts of locks work with. Making these functions costs as much as a small command: a script makes them once it
 * needs them. A lock is one string:
 *
 *   {owner or '-'} {until, server ms} {last token} {offer ends, server ms, or 0} {line}
 *
 * where the line is a place for each owner who waits, first come first: `{owner}/{process}/{ends, server ms};`. While the
 * lock is held the key has no TTL, so that a server which evicts keys with one does not give it to a second holder; what
 * counts is `until`. A free lock is remembered for a while.
 */
export const LOCK_TOOLS = `${FOREIGN}
-- What \`redis.pcall('GET', key)\` gave, read; nothing for what is no lock.
local function open(text)
  if not text then return { owner = '${NOBODY}', till = 0, last = 0, offer = 0, line = '' } end
  if type(text) ~= 'string' then return nil end
  local owner, till, last, offer, line = string.match(text, '^(%S+) (%d+) (%d+) (%d+) (.*)$')
  if not owner or tonumber(last) >= ${TOO_HIGH} then return nil end
  if line ~= '' and string.gsub(line, '[^/;]+/[^/;]+/%d+;', '') ~= '' then return nil end
  return { owner = owner, till = tonumber(till), last = tonumber(last), offer = tonumber(offer), line = line }
end
local function set(command, key, lock)
  local text = string.format('%s %.0f %.0f %.0f %s', lock.owner, lock.till, lock.last, lock.offer, lock.line)
  if lock.owner == '${NOBODY}' then return command('SET', key, text, 'PX', ${REMEMBERED_MS}) end
  return command('SET', key, text)
end
local function keep(key, lock) set(redis.call, key, lock) end
-- For what adds nothing: a full server lets a script write that has deleted.
local function keep_anyway(key, lock)
  if not set(redis.pcall, key, lock).err then return end
  redis.call('DEL', key)
  set(redis.call, key, lock)
end
-- The first in line; places that have ended are dropped.
local function head(lock)
  while lock.line ~= '' do
    local owner, process, ends, rest = string.match(lock.line, '^([^/]+)/([^/]+)/(%d+);(.*)$')
    if tonumber(ends) > ms then return owner, process end
    lock.line = rest
  end
end
-- Keeps the free lock for the head of its line, and tells it.
local function offer(key, lock)
  local owner, process = head(lock)
  lock.offer = 0
  if not owner then return end
  lock.offer = ms + ${OFFER_MS}
  local root, name = string.match(key, '^(coord:[^:]+:)lock:(.*)$')
  redis.call('PUBLISH', root .. 'wake:' .. process, name)
end
-- Drops the places for which this is true.
local function drop(lock, is_dropped)
  lock.line = string.gsub(lock.line, '([^/]+)/([^/]+)/(%d+);', function(owner, process)
    if is_dropped(owner, process) then return '' end
  end)
end
local function place(lock, owner, process)
  local ends = string.format('%.0f', ms + ${PLACE_MS})
  local found
  lock.line = string.gsub(lock.line, '([^/]+)/([^/]+)/(%d+);', function(one)
    if one ~= owner then return end
    found = true
    return owner .. '/' .. process .. '/' .. ends .. ';'
  end)
  if not found then lock.line = lock.line .. owner .. '/' .. process .. '/' .. ends .. ';' end
end
`;

/** For scripts that take locks, behind the tools. */
export const FREE_IN = `
-- After how many ms to ask again; 0: it is this owner's.
local function free_in(key, lock, mine)
  if lock.owner ~= '${NOBODY}' and lock.till > ms and lock.owner ~= mine then return lock.till - ms end
  local owner, process = head(lock)
  while owner and owner ~= mine and lock.offer > 0 and lock.offer <= ms do
    drop(lock, function(_, its) return its == process end)
    offer(key, lock)
    owner, process = head(lock)
  end
  if not owner or owner == mine then return 0 end
  -- It ended by itself, which nobody has told.
  if lock.offer == 0 then
    lock.owner, lock.till = '${NOBODY}', 0
    offer(key, lock)
  end
  return lock.offer - ms
end
`;

/** What scripts of locks begin with that need the tools for every lock. */
export const LOCKS = `${PRELUDE}${LOCK_TOOLS}`;
