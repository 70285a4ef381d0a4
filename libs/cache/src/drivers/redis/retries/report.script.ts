import {
  BUDGET_WINDOW_MS,
  FREE_RETRIES,
  MOST_PROCESSES,
  PRESENCE_MS,
  PROBE_INTERVAL_MS,
  RETRIES_PER_REQUEST,
  SMALLEST_QUORUM,
} from '../../../core/retries/retry-rules.js';
import { Script } from '../calls/script.js';
import { PRELUDE } from '../calls/prelude.js';

/** Slices of the budget's window, and how long the key stays after the last report. */
const SLICES = 10;
const KEPT_MS = BUDGET_WINDOW_MS + PRESENCE_MS;

/**
 * Takes the report of one process about an operation and answers with what the fleet has decided. The key holds JSON, for
 * people to read: `epoch`, `open`, `probeAt` and `prober` of the circuit; `slices` {second, requests, retries} of the
 * budget's window; `members` {process, until, vote, epoch, tokens, requests, retries}, the latter two of its last report,
 * those who reported last at the end. Times are the server's, ms.
 *
 * ARGV  for each key: process · requests · retries · want · vote · epoch · probe (none, ask, succeeded, failed)
 * Says  tokens · epoch · 1 open, 0 closed · 1 may probe, 0 may not · ms until a probe · voters · of them failing
 */
export const REPORT = new Script(
  `${PRELUDE}
local slice = math.floor(ms / ${BUDGET_WINDOW_MS / SLICES})
local function load(key)
  local kept = redis.pcall('GET', key)
  local ok, state = pcall(cjson.decode, type(kept) == 'string' and kept or '')
  if not ok or type(state) ~= 'table' or type(state.members) ~= 'table' or type(state.slices) ~= 'table' then
    state = { epoch = ms, open = false, probeAt = 0, prober = '', slices = {}, members = {} }
  end
  local slices, members = {}, {}
  for _, one in ipairs(state.slices) do if one[1] > slice - ${SLICES} then slices[#slices + 1] = one end end
  for _, one in ipairs(state.members) do if one[2] > ms then members[#members + 1] = one end end
  state.slices, state.members = slices, members
  return state
end
local function turn(state, open)
  state.open, state.epoch, state.probeAt = open, math.max(state.epoch + 1, ms), ms + ${PROBE_INTERVAL_MS}
end
local function spend(state, requests, retries)
  local last = state.slices[#state.slices]
  if not last or last[1] < slice then
    last = { slice, 0, 0 }
    state.slices[#state.slices + 1] = last
  end
  last[2], last[3] = last[2] + requests, last[3] + retries
end
local function left(state)
  local requests, retries, lent = 0, 0, 0
  for _, one in ipairs(state.slices) do requests, retries = requests + one[2], retries + one[3] end
  for _, one in ipairs(state.members) do lent = lent + one[5] end
  return math.floor(${FREE_RETRIES} + ${RETRIES_PER_REQUEST} * requests) - retries - lent
end
local function probes(state, process, probe)
  if not state.open then return 0 end
  if state.prober == process and (probe == 'succeeded' or probe == 'failed') then
    state.prober = ''
    if probe == 'succeeded' then turn(state, false) end
    return 0
  end
  if probe ~= 'ask' or ms < state.probeAt then return 0 end
  state.prober, state.probeAt = process, ms + ${PROBE_INTERVAL_MS}
  return 1
end
local function count(state)
  local voters, failing = 0, 0
  for _, one in ipairs(state.members) do
    if one[4] == state.epoch and one[3] ~= 'none' then
      voters = voters + 1
      if one[3] == 'failing' then failing = failing + 1 end
    end
  end
  return voters, failing
end
for at, key in ipairs(KEYS) do
  local base = 2 + (at - 1) * 7
  local process, requests, retries = ARGV[base + 1], tonumber(ARGV[base + 2]), tonumber(ARGV[base + 3])
  local want, vote, epoch = tonumber(ARGV[base + 4]), ARGV[base + 5], tonumber(ARGV[base + 6])
  local state = load(key)
  for i = #state.members, 1, -1 do if state.members[i][1] == process then table.remove(state.members, i) end end
  spend(state, requests, retries)
  local tokens = math.max(0, math.min(want, math.ceil(left(state) / (#state.members + 1))))
  state.members[#state.members + 1] = { process, ms + ${PRESENCE_MS}, vote, epoch, tokens, requests, retries }
  if #state.members > ${MOST_PROCESSES} then table.remove(state.members, 1) end
  local probe = probes(state, process, ARGV[base + 7])
  local voters, failing = count(state)
  if not state.open and failing >= ${SMALLEST_QUORUM} and failing * 2 > voters then turn(state, true) end
  redis.call('SET', key, cjson.encode(state), 'PX', ${KEPT_MS})
  local said = { tokens, state.epoch, state.open and 1 or 0, probe, state.open and math.max(0, state.probeAt - ms) or 0 }
  said[6], said[7] = voters, failing
  for i = 1, 7 do reply[1 + (at - 1) * 7 + i] = said[i] end
end
return reply
`,
  { width: 7 },
);
