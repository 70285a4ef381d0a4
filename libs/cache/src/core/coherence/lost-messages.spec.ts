import { describe, expect, it } from 'vitest';
import { seeded, SimulatedFleet, type Weather } from '../../../../../test/support/coherence/simulated-fleet.js';

const KEYS = ['town:1', 'town:2', 'town:3'];
/** A beat, the grace, a tick, the step in which it is looked at, and what a beat itself may be late. */
const NEXT_BEAT_MS = 1_000 + 200 + 2 * 50 + 10;
const LATE_MS = 50;
const THREE_BEATS_MS = 3_000 + NEXT_BEAT_MS;

/** Two that write and two that read, for a minute, in which readers come and go. */
async function minute(weather: Omit<Weather, 'random'>, seed: number): Promise<SimulatedFleet> {
  const random = seeded(seed);
  const fleet = new SimulatedFleet({ random, late: { chance: 0.3, ms: LATE_MS }, ...weather });
  const [one, other] = [fleet.add(), fleet.add()];
  fleet.add();
  fleet.add();
  for (const key of KEYS) one.write(key);
  for (let part = 0; part < 6; part += 1) {
    await fleet.pass(10_000, () => {
      for (const writer of [one, other]) {
        if (random() < 0.01) writer.write(KEYS[Math.floor(random() * KEYS.length)] ?? '');
      }
    });
    const [, , reader] = fleet.processes;
    if (reader !== undefined) await fleet.remove(reader);
    fleet.add();
  }
  return fleet;
}

describe.each([0.01, 0.05, 0.1, 0.3])('where %d of the messages get lost, doubled and overtaken', (chance) => {
  it('nothing stays stale longer than the next beat and the grace', async () => {
    const fleet = await minute({ dropped: { notices: chance, beats: 0 }, duplicated: chance }, 7 + chance * 100);
    expect(fleet.gaps.length).toBeGreaterThan(0);
    expect(fleet.served).toBeGreaterThan(10_000);
    expect(fleet.stalest).toBeLessThanOrEqual(NEXT_BEAT_MS + 2 * LATE_MS);
  });

  it('nor, where beats are lost as well, than three of them', async () => {
    const fleet = await minute({ dropped: { notices: chance, beats: chance }, duplicated: chance }, 11 + chance * 100);
    expect(fleet.stalest).toBeLessThanOrEqual(THREE_BEATS_MS + 2 * LATE_MS);
  });

  it('it would if nobody looked at the numbers (control)', async () => {
    const fleet = await minute({ dropped: { notices: chance, beats: 0 }, isAttended: false }, 13 + chance * 100);
    expect(fleet.stalest).toBeGreaterThan(NEXT_BEAT_MS + 2 * LATE_MS);
  });
});

describe('where nothing gets lost', () => {
  it('an hour of failing writes, stalled loops, restarts and scale-downs shows no gap', async () => {
    const random = seeded(17);
    const fleet = new SimulatedFleet({ random, duplicated: 0.1, late: { chance: 0.3, ms: LATE_MS } });
    for (let count = 0; count < 4; count += 1) fleet.add();
    const any = () => fleet.processes[Math.floor(random() * fleet.processes.length)];
    let failed = 0;
    let stalls = 0;
    let ended = 0;
    await fleet.pass(3_600_000, () => {
      const process = any();
      if (process === undefined || process.clock.isStalled) return;
      const isBusy = Math.floor(fleet.clock.now() / 60_000) % 3 > 0;
      const chance = random();
      if (isBusy && chance < 0.05) {
        const isFailing = random() < 0.3;
        if (isFailing) failed += 1;
        process.write(KEYS[Math.floor(random() * KEYS.length)] ?? '', isFailing ? 'unsure' : 'done');
      } else if (chance < 0.051) {
        stalls += 1;
        // Three missed beats are a gap by the rule: a process that writes may stall for less.
        process.clock.stall(2_000 * random());
      } else if (chance < 0.0512) {
        ended += 1;
        void fleet.remove(process);
        if (random() < 0.8 || fleet.processes.length < 2) fleet.add();
      }
    });
    expect([failed > 1_000, stalls > 100, ended > 20, fleet.served > 1_000_000]).toEqual([true, true, true, true]);
    expect(fleet.gaps).toEqual([]);
    expect(fleet.stalest).toBeLessThanOrEqual(1_000 + LATE_MS);
  }, 60_000);

  it('nor does a reader that stalls for longer than three beats', async () => {
    const fleet = new SimulatedFleet({ random: seeded(19) });
    const [writer, reader] = [fleet.add(), fleet.add()];
    for (let round = 0; round < 20; round += 1) {
      reader.clock.stall(9_000);
      await fleet.pass(10_000, () => {
        if (fleet.clock.now() % 100 === 0) writer.write(KEYS[0] ?? '');
      });
    }
    expect(fleet.gaps).toEqual([]);
  });

  it('a writer that dies without a word shows one, in every other process', async () => {
    const fleet = new SimulatedFleet({ random: seeded(23) });
    const writer = fleet.add();
    fleet.add();
    fleet.add();
    writer.write(KEYS[0] ?? '');
    await fleet.pass(1_500);
    writer.clock.end();
    await fleet.pass(10_000);
    expect(fleet.gaps).toEqual(Array.from({ length: 2 }, () => ({ cause: 'silent', publisher: writer.name })));
  });
});
