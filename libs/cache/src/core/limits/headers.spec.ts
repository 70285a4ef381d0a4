import { expect, it } from 'vitest';
import { addressBlock } from './address-block.js';
import { Decision, type RuleDecision } from './decision.js';
import { limitHeaders, limitProblem } from './headers.js';

const rule = (given: Partial<RuleDecision>): RuleDecision => ({
  rule: 'r',
  allowed: true,
  limit: 10,
  per: 1_500,
  remaining: 3,
  retryAfter: 0,
  resetAfter: 200,
  shadow: false,
  ...given,
});

it('tells every rule that is enforced, in whole seconds that are never too few', () => {
  const decision = new Decision(true, [rule({}), rule({ rule: 'day', per: 86_400_000 }), rule({ shadow: true })]);
  expect(limitHeaders(decision)).toEqual({
    'RateLimit-Policy': '"r";q=10;w=2, "day";q=10;w=86400',
    RateLimit: '"r";r=3;t=1, "day";r=3;t=1',
  });
});

it('tells when to come again, never before the time of any rule that refused', () => {
  const refused = rule({ allowed: false, remaining: 0, retryAfter: 2_001 });
  const decision = new Decision(false, [refused, rule({ rule: 'b', resetAfter: 90_000 })]);
  expect(limitHeaders(decision)).toMatchObject({ RateLimit: '"r";r=0;t=3, "b";r=3;t=90', 'Retry-After': '3' });
  expect(limitProblem(decision)).toMatchObject({ status: 429, 'violated-policies': ['r'] });
});

it('tells nothing where nothing is limited', () => {
  expect(limitHeaders(new Decision(true, [rule({ shadow: true })]))).toEqual({});
});

it.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001::1', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::10.1.2.3', '64:ff9b:0:0::/64'],
  ['1:2:3:4:5:6:10.1.2.3', '1:2:3:4::/64'],
  ['unix:', 'unix:'],
])('the address %s is counted as %s', (address, block) => {
  expect(addressBlock(address)).toBe(block);
});
