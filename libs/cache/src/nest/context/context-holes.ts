import { CacheKeyError } from '../../core/errors.js';
import { setContextResolver } from '../../core/keys/context.js';
import type { KeyPart } from '../../core/keys/key.js';
import { address, user } from './built-in-holes.js';
import type { RequestSource } from './request-source.js';
import { currentRequest, type ContextValues } from './request-store.js';

/** Gives a `{@name}` hole its value; `undefined`: this request has none. */
export type ContextHole = (source: RequestSource | undefined) => KeyPart | undefined;

/** Every application's holes in this process, for keys that are built outside any of them. */
const applications = new Set<ContextHoles>();

/** Whose keys are being built right now; building is synchronous. */
const building: ContextHoles[] = [];

/** The values of `{@name}` holes in the request under way, for one application. */
export class ContextHoles implements ContextValues {
  readonly #holes: ReadonlyMap<string, ContextHole>;

  constructor(custom: Readonly<Record<string, ContextHole>> = {}) {
    this.#holes = new Map<string, ContextHole>([['ip', address], ['user', user], ...Object.entries(custom)]);
  }

  /** From now on keys that are built outside any application may be of this one: its boot has succeeded. */
  open(): void {
    applications.add(this);
  }

  get names(): readonly string[] {
    return [...this.#holes.keys()];
  }

  /**
   * @throws {CacheKeyError} when there is no value: a key without its tenant would be shared by all tenants.
   */
  value(name: string): KeyPart {
    const request = currentRequest();
    const given = request?.holes[name];
    if (given !== undefined && given !== null) return given;
    const value = this.#read(name, request?.source);
    if (value !== undefined && value !== null) return value;
    throw missing(name, request === undefined ? 'there is no request' : 'this request has none');
  }

  /** Runs what builds a key, with this application's values. */
  during<R>(build: () => R): R {
    building.push(this);
    try {
      return build();
    } finally {
      building.pop();
    }
  }

  close(): void {
    applications.delete(this);
  }

  #read(name: string, source: RequestSource | undefined): KeyPart | undefined {
    try {
      return this.#holes.get(name)?.(source);
    } catch (cause) {
      throw missing(name, 'its function threw', cause);
    }
  }
}

setContextResolver((name) => {
  const request = currentRequest();
  const [only, ...others] = applications;
  const values = building.at(-1) ?? request?.values ?? (others.length === 0 ? only : undefined);
  return values === undefined ? request?.holes[name] : values.value(name);
});

function missing(name: string, why: string, cause?: unknown): CacheKeyError {
  return new CacheKeyError(
    'KEY_CONTEXT',
    `{@${name}} has no value: ${why}. Call inside a request, or wrap the call in runInCacheContext({ ${name}: … }, work), or give forRoot({ context: { ${name}: (source) => … } }).`,
    { cause },
  );
}
