/**
 * What every script of ours begins with; it ends one that comes too late. All of them take
 *
 * KEYS  any number, each with as many arguments
 * ARGV  1 deadline, server ms · 2 what is common to all keys (the channel of notices, or nothing) · then so many for each
 *       key as the script says
 *
 * and give {server µs, then for each key as many things as the script's width}, or {server µs} alone past the deadline,
 * when nothing was done. A thing that is not there is `false`: a `nil` would end the reply.
 */
export const PRELUDE = `
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local ms = math.floor(us / 1000)
local reply = { string.format('%.0f', us) }
if ms > tonumber(ARGV[1]) then return reply end
`;
