/**
 * What retries cost where nothing fails: a call through RetryService beside cockatiel's retry, breaker and timeout around the
 * same function, embedded; both bound the call in time. Claim: at most half as much; cockatiel
 * without a bound in time is printed beside. Shows nothing about failures.
 */
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { interleave, median, ratios } from '../support/measure.mjs';
import { applicationOf, library } from '../support/application.mjs';

const VALUE = { id: 1 };
const work = async () => VALUE;

export async function run() {
  const app = await applicationOf();
  const retries = app.get(library.RetryService);
  const unbounded = wrap(
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(20) }),
  );
  const peer = wrap(timeout(30_000, TimeoutStrategy.Aggressive), unbounded);
  const times = await interleave(
    {
      'cockatiel: timeout, retry, breaker': async (count) => {
        for (let i = 0; i < count; i += 1) await peer.execute(work);
      },
      'cockatiel: retry, breaker, no bound in time': async (count) => {
        for (let i = 0; i < count; i += 1) await unbounded.execute(work);
      },
      'RetryService.run': async (count) => {
        for (let i = 0; i < count; i += 1) await retries.run('bench', work);
      },
    },
    { count: 20_000 },
  );
  await app.close();
  const floor = 'cockatiel: timeout, retry, breaker';
  console.table(
    Object.fromEntries(Object.entries(times).map(([name, all]) => [name, { ns: Math.round(median(all)) }])),
  );
  return [
    {
      claim: 'retries: a call that succeeds, × of cockatiel',
      value: ratios(times, floor)['RetryService.run'],
      limit: 0.5,
    },
  ];
}
