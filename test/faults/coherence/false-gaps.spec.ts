import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../../support/redis/start-cluster.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';
import { chooseSeed, seeded } from '../kit/seed.js';
import type { Account } from './bus-member.app.js';

const APP = join(__dirname, 'bus-member.app.ts');

/** How long nothing may look lost. By hand an hour: `BUS_SECONDS=3600`. */
const SECONDS = Number(process.env.BUS_SECONDS ?? 4);

/** Three missed beats are a gap by the rule: a process that tells something may stall for less. */
const LONGEST_STALL_MS = 1_500;

/** A good-bye that Redis does not take within a second is lost, and whoever could not say it is missed, as he should be. */
const PAUSE_MS = 700;

interface Place {
  readonly cluster: RedisCluster;
  readonly start: () => Promise<AppProcess>;
}

async function place(): Promise<Place> {
  const cluster = await startCluster();
  onTestFinished(() => cluster.stop());
  const options = { service: 'members', redis: { nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) } };
  const start = async () => {
    const app = await AppProcess.start(APP, options);
    onTestFinished(() => app.kill());
    return app;
  };
  return { cluster, start };
}

/** Strikes that lose no message. */
class Strikes {
  readonly struck: Record<string, number> = { stall: 0, refuse: 0, pause: 0, restart: 0, 'scale down': 0 };
  readonly accounts: Account[] = [];

  constructor(
    private readonly place: Place,
    private readonly members: AppProcess[],
    private readonly random: () => number,
  ) {}

  async next(): Promise<void> {
    const kinds = Object.keys(this.struck);
    const kind = kinds[Math.floor(this.random() * kinds.length)] ?? '';
    this.struck[kind] = (this.struck[kind] ?? 0) + 1;
    const member = this.members[Math.floor(this.random() * this.members.length)];
    if (kind === 'stall') await member?.call('stall', this.random() * LONGEST_STALL_MS);
    else if (kind === 'refuse') await this.#refuse();
    else if (kind === 'pause') await this.#pause();
    else if (member !== undefined) await this.#leave(member, kind === 'restart');
  }

  /** Until somebody was refused: all may be idle. */
  async #refuse(): Promise<void> {
    const before = await this.#refused();
    await this.#onAll('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb');
    await pause(500);
    await eventually('a change is refused', async () => (await this.#refused()) > before);
    await this.#onAll('CONFIG', 'SET', 'maxmemory', '0');
  }

  async #refused(): Promise<number> {
    const accounts = await Promise.all(this.members.map((one) => one.call<Account>('account')));
    return accounts.reduce((all, { failed }) => all + failed, 0);
  }

  /** Over when the next strike comes: pauses in a row are a longer one. */
  async #pause(): Promise<void> {
    await this.#onAll('CLIENT', 'PAUSE', String(PAUSE_MS), 'WRITE');
    await pause(PAUSE_MS);
  }

  async #leave(member: AppProcess, isReplaced: boolean): Promise<void> {
    if (!isReplaced && this.members.length < 3) this.members.push(await this.place.start());
    this.members.splice(this.members.indexOf(member), 1);
    this.accounts.push(await member.call<Account>('stop'));
    await member.kill();
    if (isReplaced) this.members.push(await this.place.start());
  }

  async #onAll(...command: readonly string[]): Promise<void> {
    for (const primary of await this.place.cluster.primaries()) await primary.call(...command);
  }
}

it(
  'nothing looks lost where nothing is: not for failing writes, stalled loops, restarts and scale-downs',
  async () => {
    const here = await place();
    const members = [await here.start(), await here.start(), await here.start()];
    const strikes = new Strikes(here, members, seeded(chooseSeed('false gaps')));
    const end = performance.now() + SECONDS * 1_000;
    // Each kind at least once, however short it is.
    while (performance.now() < end || Object.values(strikes.struck).includes(0)) {
      await strikes.next();
      await pause(300);
    }
    // Whatever is thought lost is so after three beats.
    await pause(4_500);
    const accounts = [...strikes.accounts, ...(await Promise.all(members.map((one) => one.call<Account>('account'))))];
    const sum = (of: 'changed' | 'failed') => accounts.reduce((all, one) => all + one[of], 0);
    console.log(`changes: ${sum('changed')}, failed: ${sum('failed')}; ${JSON.stringify(strikes.struck)}`);
    expect(accounts.flatMap(({ gaps }) => gaps)).toEqual([]);
    expect([sum('changed') > SECONDS * 10, sum('failed') > 0]).toEqual([true, true]);
  },
  120_000 + SECONDS * 2_000,
);

it('a member that dies without a word is missed by all others (control)', async () => {
  const { start } = await place();
  const [one, other, dying] = [await start(), await start(), await start()];
  await pause(1_500);
  await dying.kill();
  for (const member of [one, other]) {
    await eventually('it is missed', async () => (await member.call<Account>('account')).gaps.length > 0);
    expect((await member.call<Account>('account')).gaps).toEqual([expect.stringMatching(/^silent of /)]);
  }
}, 60_000);
