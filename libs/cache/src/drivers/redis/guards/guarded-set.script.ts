/**
 * Writes unless a higher token is stored. Plain text, because it runs on the application's own client.
 *
 * KEYS  the value, a hash
 * ARGV  1 token · 2 value · 3 lifetime, ms, or 0 to stay
 * Says  1 written, 0 refused
 */
export const GUARDED_SET = `
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'value', ARGV[2])
if ARGV[3] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
`;
