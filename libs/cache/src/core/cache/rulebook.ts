import { CacheConfigError } from '../errors.js';
import { findHolding, type Holding } from '../keys/holding.js';
import { KnownShapes } from '../keys/known-shapes.js';
import type { KeySpace } from '../keys/key-space.js';
import type { KeyTemplate } from '../keys/template.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { Duration } from '../shared/duration.js';
import { withDelivery } from './deliver.js';
import { tagsOption, tagsUnderStrict } from '../tags/tags-option.js';
import { skipsOf, type Skips } from './keep-rules.js';
import type { CachePolicy, CallPolicy, PerCall } from './policy.js';
import { applyPolicy, DEFAULT_RULES, type CallRules, type Rules } from './rules.js';

/**
 * Which rules hold for a key. The nearest word wins: the call's own options, the policy it names, the named cache that
 * owns the key's entity, `forRoot`'s defaults, the product's defaults.
 */
export class Rulebook {
  readonly #defaults: Rules;
  /** The named caches, and the one of all keys that no named cache owns. */
  readonly caches = new Set<string>([UNNAMED]);
  readonly #owners = new Map<string, { readonly cache: string; readonly rules: Rules }>();
  readonly #shapes = new KnownShapes();
  #demandsStrict = false;
  #isStrict: boolean;
  /** Whether anything lives shorter in memory than elsewhere. */
  #limitsMemory: boolean;
  readonly #calls = new Map<string, WeakMap<Holding, CallRules>>();

  constructor(
    private readonly keys: KeySpace,
    defaults: CachePolicy | undefined,
    private readonly policies: Readonly<Record<string, CachePolicy>> = {},
  ) {
    this.#defaults = applyPolicy(DEFAULT_RULES, defaults, 'defaults');
    this.#limitsMemory = this.#defaults.kept.localTtl < Infinity;
    this.#isStrict = [this.#defaults, ...Object.values(policies)].some(({ level }) => level === 'strict');
  }

  /**
   * A named cache takes its entities.
   * @throws {CacheConfigError} when another cache owns one of them, or the same one under other rules.
   */
  own(cache: string, entities: readonly string[], policy: CachePolicy): void {
    const rules = applyPolicy(this.#defaults, policy, `forFeature('${cache}')`);
    this.#isStrict ||= rules.level === 'strict';
    this.#limitsMemory ||= rules.kept.localTtl < Infinity;
    this.caches.add(cache);
    for (const entity of new Set(entities)) {
      const owner = this.#owners.get(entity);
      const isSame = owner?.cache === cache && isSameRules(owner.rules, rules);
      if (owner !== undefined && !isSame) throw owned(entity, owner.cache, cache);
      this.#owners.set(entity, { cache, rules });
    }
    this.#calls.clear();
  }

  /** The named cache that an id belongs to; nothing where it is another service's. */
  cacheOf(id: string): string | undefined {
    if (id.startsWith('app:')) return undefined;
    return this.#owners.size === 0 ? UNNAMED : (this.#owners.get(this.keys.entity(id))?.cache ?? UNNAMED);
  }

  /** A decorator of this application uses the template, with what its definition says of the values. */
  learn(template: KeyTemplate, holding: Holding): void {
    this.#shapes.learn(template, holding);
    this.#calls.clear();
  }

  /** Whether level `strict` was asked for so far, by the options or by a call. */
  get isStrict(): boolean {
    return this.#isStrict;
  }

  /** Some method of the application is strict about the keys of this template, so every writer of them must be. */
  demandStrict(template: KeyTemplate): void {
    this.#shapes.demandStrict(template);
    this.#demandsStrict = true;
  }

  /** What the application's definition of a template's shape says of the values. */
  holdingOf(template: KeyTemplate): Holding {
    return this.#shapes.ofTemplate(template);
  }

  /** Milliseconds a computation is kept: its own word, else the default lifetime. */
  lifetime(ttl: Duration | undefined, where: string): number {
    return applyPolicy(this.#defaults, { ttl }, where).ttl;
  }

  /** How long memory keeps values of a key unless a call says otherwise, ms. `Infinity`: as long as other layers. */
  localTtl(id: string): number {
    if (!this.#limitsMemory) return Infinity;
    return (this.#owners.get(this.keys.entity(id))?.rules ?? this.#defaults).kept.localTtl;
  }

  /** The rules of a call on a finished key: its entity's, with what its definition says and what the call says. */
  forKey(id: string, options?: CallPolicy): CallRules {
    if (options !== undefined) return this.forId(id, { options });
    return this.#standing(this.keys.entity(id), this.#holding(id));
  }

  /**
   * The rules of a call that changes a finished key.
   * @throws {CacheConfigError} for less than strict where some method is strict about the key: its promise would be broken.
   */
  forWrite(id: string, options?: CallPolicy): CallRules {
    return this.forWriting(id, this.forKey(id, options), options?.level);
  }

  /**
   * The rules of a change of a finished key that was not known at boot, where it has these by itself.
   * @param asked the level that the call names
   * @throws {CacheConfigError} as `forWrite`.
   */
  forWriting(id: string, rules: CallRules, asked: ConsistencyLevel | undefined): CallRules {
    if (!this.#demandsStrict || rules.level === 'strict') return rules;
    if (this.#shapes.ofKey(this.keys.entity(id), id)?.isStrict !== true) return rules;
    if (asked !== undefined) throw lessThanStrict(this.keys.full(id), asked);
    return { ...rules, level: 'strict', ownView: true };
  }

  /** The rules of one call on a finished key. */
  forId(id: string, call: CallOptions): CallRules {
    return this.forCall(this.keys.entity(id), this.#holding(id), call);
  }

  /** The rules of one call, or of every call of a decorated method. */
  forCall(entity: string, holding: Holding, call: CallOptions): CallRules {
    const { options = {}, where = 'options', origin, neverCompared } = call;
    const owned = this.#owners.get(entity)?.rules ?? this.#defaults;
    const named = applyPolicy(owned, this.#named(options, where), `policies.${options.policy}`);
    const rules = applyPolicy(named, options, where);
    const tags = tagsOption(options.tags, where);
    if (tags !== undefined && rules.level === 'strict') throw tagsUnderStrict(where);
    this.#isStrict ||= rules.level === 'strict';
    const as = options.as ?? holding.as;
    const keeping = keepingOf({ options, where, rules, owned });
    const isOther = rules.isolation === 'copy' || rules.isolation !== owned.isolation || rules.level !== 'eventual';
    const isPast = keeping.skips?.local === true || keeping.fresh === true;
    const ownView = as !== undefined || isOther || isPast;
    return withDelivery({ ...rules, ...keeping, as, ownView, version: holding.version, origin, neverCompared, tags });
  }

  #holding(id: string): Holding {
    const entity = this.keys.entity(id);
    return this.#shapes.ofKey(entity, id) ?? findHolding(id, this.keys.service) ?? NO_HOLDING;
  }

  /** Calls without options share their rules. */
  #standing(entity: string, holding: Holding): CallRules {
    const ofEntity = this.#calls.get(entity) ?? new WeakMap<Holding, CallRules>();
    const known = ofEntity.get(holding);
    if (known !== undefined) return known;
    const rules = { ...this.forCall(entity, holding, {}), standing: true };
    this.#calls.set(entity, ofEntity.set(holding, rules));
    return rules;
  }

  #named(options: PerCall, where: string): CachePolicy | undefined {
    if (options.policy === undefined) return undefined;
    if (Object.hasOwn(this.policies, options.policy)) return this.policies[options.policy];
    const known = Object.keys(this.policies);
    throw new CacheConfigError(
      `${where}.policy: there is no policy '${options.policy}'. ${
        known.length === 0 ? 'forRoot({ policies }) names none' : `forRoot({ policies }) names ${known.join(', ')}`
      }.`,
    );
  }
}

export interface CallOptions {
  readonly options?: CallPolicy | undefined;
  /** Names the options in errors. */
  readonly where?: string | undefined;
  readonly origin?: string | undefined;
  readonly neverCompared?: boolean | undefined;
}

/** As absence stands in a key: no named cache is called so. */
export const UNNAMED = '%-';

const NO_HOLDING: Holding = Object.freeze({});

function isSameRules(one: Rules, other: Rules): boolean {
  const isSameText = JSON.stringify(one) === JSON.stringify(other);
  return isSameText && one.ttlOf === other.ttlOf && one.stale.unless === other.stale.unless;
}

function owned(entity: string, owner: string, cache: string): CacheConfigError {
  return new CacheConfigError(
    `forFeature('${cache}'): the entity '${entity}' belongs to the cache '${owner}' already. An entity has one owner: name other entities, or drop one of the two.`,
  );
}

function lessThanStrict(key: string, level: string): CacheConfigError {
  return new CacheConfigError(
    `'${key}' is written under level '${level}', but a method of this application promises 'strict' for it, which only holds if every writer is strict. Drop the level of this call.`,
    { key },
  );
}

interface Keeping {
  readonly options: CallPolicy;
  readonly where: string;
  readonly rules: Rules;
  /** Of the key, whoever asks. */
  readonly owned: Rules;
}

/** What the call says of what is kept, where it says anything. */
function keepingOf({ options, where, rules, owned }: Keeping): Pick<CallRules, 'skips' | 'fresh' | 'localTtl'> {
  const skips: Skips | undefined = skipsOf(options.skip, where);
  if (skips?.shared === true && rules.level === 'strict') {
    throw new CacheConfigError(
      `${where}.skip: level 'strict' always asks Redis, so 'shared' cannot be skipped. Drop one of the two.`,
    );
  }
  const localTtl = skips?.local === true ? 0 : rules.kept.localTtl;
  return { skips, fresh: options.fresh === true, localTtl: localTtl === owned.kept.localTtl ? undefined : localTtl };
}
