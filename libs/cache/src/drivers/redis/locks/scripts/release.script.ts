import { Script } from '../../calls/script.js';
import { PRELUDE } from '../../calls/prelude.js';
import { LOCK_TOOLS, NOBODY, REMEMBERED_MS, TOO_HIGH } from './prelude.js';

/**
 * Gives locks back, and tells the first in line. Tokens that nobody was given are free again.
 *
 * KEYS  locks
 * ARGV  for each lock: owner · the highest token that was given to anybody, 0 if none was
 * Says  1: done, 0: it was not the owner's, or what is there that is no lock
 */
export const RELEASE = new Script(
  `${PRELUDE}
-- The last token that stays, of those that the lock had.
local function last_of(at, last)
  local used = tonumber(ARGV[2 * at + 2])
  return used > 0 and used < last and used or last
end
-- Texts of numbers stay texts: to write one anew costs as much as to find it.
local function free(at, key, last)
  local number, used = tonumber(last), ARGV[2 * at + 2]
  if number >= ${TOO_HIGH} then return false end
  if last_of(at, number) < number then last = used end
  return not redis.pcall('SET', key, '${NOBODY} 0 ' .. last .. ' 0 ', 'PX', ${REMEMBERED_MS}).err
end
local others
for at, key in ipairs(KEYS) do
  local text, owner, last, line = redis.pcall('GET', key)
  if type(text) == 'string' then owner, last, line = string.match(text, '^(%S+) %d+ (%d+) %d+ (.*)$') end
  local is_held = owner == ARGV[2 * at + 1]
  -- For most locks nobody waits.
  if text and not (is_held and line == '' and free(at, key, last)) then
    others = others or {}
    others[#others + 1] = at
  end
  reply[at + 1] = is_held and 1 or 0
end
if not others then return reply end
${LOCK_TOOLS}
for _, at in ipairs(others) do
  local key = KEYS[at]
  local text = redis.pcall('GET', key)
  local lock = open(text)
  if not lock then
    reply[at + 1] = foreign(key, text)
  elseif lock.owner == ARGV[2 * at + 1] then
    lock.last = last_of(at, lock.last)
    lock.owner, lock.till, lock.offer = '${NOBODY}', 0, 0
    if lock.line ~= '' then offer(key, lock) end
    keep_anyway(key, lock)
  end
end
return reply
`,
  { width: 1 },
);
