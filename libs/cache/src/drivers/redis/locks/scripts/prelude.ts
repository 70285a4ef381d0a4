import { PRELUDE } from '../../calls/prelude.js';

/** The one whose turn it is has so long to ask. */
const OFFER_MS = 800;

/** A place in line ends unless its owner asks again. */
const PLACE_MS = 3_000;

/** How long a free lock is remembered: its highest token, and its line. */
export const REMEMBERED_MS = 600_000;

/** Nobody. */
export const NOBODY = '-';

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
export const LOCK_TOOLS = `
local function open(text)
  if not text then return { owner = '${NOBODY}', till = 0, last = 0, offer = 0, line = '' } end
  local owner, till, last, offer, line = string.match(text, '^(%S+) (%d+) (%d+) (%d+) (.*)$')
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

/** What scripts of locks begin with that need the tools for every lock. */
export const LOCKS = `${PRELUDE}${LOCK_TOOLS}`;
