import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataTries, subscriptionTries, type TryParts } from './permission-tries.js';

const ONE_SERVER: TryParts = {
  service: 'lake',
  foreignServices: [],
  random: () => 0.5,
  isOneServer: true,
  db: 0,
  tracking: false,
};
const grants = (parts: Partial<TryParts> = {}): string[] =>
  dataTries({ ...ONE_SERVER, ...parts }).map(({ grant }) => grant);

/** Run by the application's own client, which is the application's affair. */
const FOREIGN = 'guards';

/** The commands that stand in our scripts. */
function scripted(): string[] {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' });
  const ours = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith(FOREIGN));
  const text = ours.map((file) => readFileSync(join(__dirname, file), 'utf8'));
  return [...text.join('\n').matchAll(/redis\.p?call\('(\w+)'/g)].map(([, name = '']) => name);
}

describe('what the boot tries', () => {
  it('is all that the scripts do', () => {
    expect(scripted()).toContain('PUBLISH');
    expect(grants()).toEqual(expect.arrayContaining(scripted().map((name) => `+${name.toLowerCase()}`)));
  });

  it('is what else we send', () => {
    for (const grant of ['+get', '+mget', '+evalsha', '+eval', '+time', '+ping']) expect(grants()).toContain(grant);
    expect(subscriptionTries(ONE_SERVER).map(({ grant, place }) => [grant, place])).toEqual([
      ['+subscribe', '&coord:lake:bus'],
      ['+subscribe', '&coord:lake:wake:*'],
    ]);
  });

  it('is SELECT where a database is chosen, and ASKING in a cluster', () => {
    for (const grant of ['+select', '+asking']) expect(grants()).not.toContain(grant);
    expect(grants({ db: 3 })).toContain('+select');
    expect(grants({ isOneServer: false })).toContain('+asking');
  });

  it('is what it takes to be told of touched keys, where that is wanted', () => {
    const wanted = { ...ONE_SERVER, tracking: true };
    const added = (more: readonly { grant: string; place: string }[], less: typeof more) =>
      more.slice(less.length - more.length).map(({ grant, place }) => [grant, place]);
    expect(grants(wanted)).toEqual(expect.arrayContaining(['+client|id', '+client|tracking']));
    for (const grant of grants()) expect(grant).not.toContain('client');
    expect(added(subscriptionTries(wanted), subscriptionTries(ONE_SERVER))).toEqual([
      ['+subscribe', '&__redis__:invalidate'],
    ]);
  });

  it('touches keys of one slot in a command, but for MGET on one server', () => {
    const mget = (isOneServer: boolean) =>
      dataTries({ ...ONE_SERVER, isOneServer }).flatMap(({ command: [name, ...keys] }) =>
        name === 'MGET' ? keys : [],
      );
    expect(new Set(mget(true)).size).toBe(2);
    expect(new Set(mget(false)).size).toBe(1);
  });

  it('reaches into the keys and channels of foreign services', () => {
    const parts = { ...ONE_SERVER, foreignServices: ['shop'] };
    const places = [...dataTries(parts), ...subscriptionTries(parts)].map(({ place }) => place);
    expect(places).toEqual(
      expect.arrayContaining(['~app:lake:*', '~app:shop:*', '&coord:lake:bus', '&coord:shop:bus']),
    );
  });
});
