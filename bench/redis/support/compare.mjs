/** One workload on both topologies: subjects beside the floor, as a table and as claims. */
import { median } from '../../support/measure.mjs';
import { rounds, start } from './rounds.mjs';
import { startRedis } from './servers.mjs';

/** Module and function of each subject. `layer` is no claim: it shows what the flows above it cost. */
const SUBJECTS = {
  'floor: ioredis, autopipelining': { file: 'floor', name: 'floor' },
  CacheService: { file: 'service', name: 'service' },
  'shared layer alone': { file: 'layer', name: 'layer' },
};
const [FLOOR, CLAIMED] = Object.keys(SUBJECTS);

/**
 * @param order what the subjects are asked to do in a round
 * @param atLeast multiple of the floor's throughput that is claimed, by topology
 * @param isEmptied whether every turn begins with empty servers
 */
export async function compare({ name, order, atLeast, isEmptied = false }) {
  const claims = [];
  for (const [kind, times] of Object.entries(atLeast)) {
    const redis = await startRedis(kind);
    const subjects = {};
    for (const [subject, where] of Object.entries(SUBJECTS)) subjects[subject] = await start(where, redis);
    for (const subject of Object.values(subjects)) await subject.ask({ action: 'seed', keys: order.keys });
    const prepare = () => (isEmptied ? redis.empty() : Promise.resolve());
    const figures = await rounds(subjects, { order, redis, prepare });
    for (const subject of Object.values(subjects)) await subject.end();
    await redis.stop();
    console.log(`${kind}, × of the floor inside a round, median of ${figures[FLOOR].length} rounds`);
    console.table(table(figures));
    const value = ratio(figures, CLAIMED, 'wall');
    claims.push({ claim: `${name}, ${kind}: ≥ ${times}× of the floor's throughput, as time`, value, limit: 1 / times });
  }
  return claims;
}

function ratio(figures, subject, what) {
  return median(figures[subject].map((one, round) => one[what] / figures[FLOOR][round][what]));
}

function table(figures) {
  const row = (subject) => {
    const of = (what) => median(figures[subject].map((one) => one[what]));
    return {
      'thousand/s': (1_000 / of('wall')).toFixed(1),
      '× throughput': (1 / ratio(figures, subject, 'wall')).toFixed(2),
      'µs CPU': of('cpu').toFixed(1),
      '× CPU': ratio(figures, subject, 'cpu').toFixed(2),
      'µs CPU of the servers': of('server').toFixed(1),
    };
  };
  return Object.fromEntries(Object.keys(figures).map((subject) => [subject, row(subject)]));
}
