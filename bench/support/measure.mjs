/** Helpers of the benches: every figure is a ratio to a floor measured in the same run, interleaved. */

/**
 * Nanoseconds of this thread per call of an async action that is awaited `count` times. Time on the processor, because
 * other jobs share it; where the system does not count it by thread, by process.
 */
async function timeOf(action, count) {
  const start = cpu();
  await action(count);
  return ((cpu() - start) * 1_000) / count;
}

function cpu() {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return user + system;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs the variants round by round, so that a slow moment of the machine hits all of them, and gives each the median
 * of its times. A variant is `async (count) => …` and does its own loop, so that no closure call is measured.
 */
export async function interleave(variants, { rounds = 15, count = 200_000, warmup = 3 } = {}) {
  const times = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round += 1) {
    const names = Object.keys(variants);
    if (round % 2) names.reverse();
    for (const name of names) {
      const time = await timeOf(variants[name], count);
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

/** Ratio of each variant to the floor, inside a round; the median of the rounds. */
export function ratios(times, floor) {
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, median(all.map((time, round) => time / times[floor][round]))]),
  );
}

/** What a variant adds to its floor, in nanoseconds: median of the differences inside a round. */
export function added(times, name, floor) {
  return median(times[name].map((time, round) => time - times[floor][round]));
}
