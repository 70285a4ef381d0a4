import { CacheConfigError, CacheConnectionError } from '../../core/errors.js';
import type { Clock } from '../../core/shared/clock.js';
import type { Failure } from './failure.js';
import type { ResolvedRedis } from './resolved-redis.js';

type Terms = Pick<ResolvedRedis, 'required' | 'timeoutMs'>;

/** Waits for the first readiness as long as the options say. */
export class BootWait {
  #settle: (failure?: Failure) => void = () => undefined;

  constructor(
    private readonly terms: Terms,
    private readonly clock: Clock,
  ) {}

  /** @returns why Redis is not there although it does not have to be; `undefined` when it is. */
  async over(address: string, latest: () => Failure): Promise<Failure | undefined> {
    const { required, timeoutMs } = this.terms;
    const failure = await new Promise<Failure | undefined>((resolve) => {
      const cancel = this.clock.after(timeoutMs, () => resolve(latest()));
      this.#settle = (found) => {
        cancel();
        resolve(found);
      };
    });
    if (failure !== undefined && (required || failure.kind === 'config')) throw bootError(failure, address, this.terms);
    return failure;
  }

  ready(): void {
    this.#settle();
  }

  /** What may heal is waited for only by those who cannot do without. */
  failed(failure: Failure): void {
    if (!this.terms.required || failure.kind !== 'passing') this.#settle(failure);
  }
}

function bootError(failure: Failure, address: string, { timeoutMs }: Terms): Error {
  const { kind, code, what, remedy, cause } = failure;
  const said = remedy.charAt(0).toUpperCase() + remedy.slice(1);
  if (kind === 'config') return new CacheConfigError(`forRoot.redis: ${address}: ${what}. ${said}.`, { cause });
  const patience = kind === 'passing' ? ` within ${timeoutMs} ms` : '';
  return new CacheConnectionError(
    `Redis at ${address} could not be used${patience}: ${code}, ${what}. ${said}. With required: false the application starts without it.`,
    { cause },
  );
}
