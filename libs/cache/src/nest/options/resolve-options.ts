import type { CachePolicy } from '../../core/cache/policy.js';
import { CacheConfigError } from '../../core/errors.js';
import { bytes } from '../../core/shared/byte-size.js';
import type { ContextHole } from '../context/context-holes.js';
import type { CacheFeature, CacheModuleOptions } from './cache-module-options.js';
import { FeatureSchema, ModuleSchema, PolicySchema } from './option-schema.js';
import { validateOptions } from './validate-options.js';

/** The options of `forRoot`, checked, with every default filled in. */
export interface ResolvedOptions {
  readonly service: string;
  readonly foreignServices: readonly string[];
  readonly hot: { readonly maxBytes: number; readonly maxEntries: number };
  readonly defaults: CachePolicy;
  readonly policies: Readonly<Record<string, CachePolicy>>;
  readonly context: Readonly<Record<string, ContextHole>>;
}

const DEFAULT_BUDGET = '256mb';
const HOT_SHARE = 0.25;
const HOT_ENTRIES = 250_000;

/** @throws {CacheConfigError} for anything wrong, all of it at once. */
export function resolveOptions(options: CacheModuleOptions): ResolvedOptions {
  validateOptions(ModuleSchema, options, 'forRoot');
  const { service, foreignServices = [], local = {}, defaults = {}, policies = {}, context = {} } = options;
  for (const [name, policy] of Object.entries(policies))
    validateOptions(PolicySchema, policy, `forRoot.policies.${name}`);
  return Object.freeze({
    service,
    foreignServices: Object.freeze([...foreignServices]),
    hot: Object.freeze({
      maxBytes: Math.floor(bytes(local.budget ?? DEFAULT_BUDGET) * HOT_SHARE),
      maxEntries: local.hot?.maxEntries ?? HOT_ENTRIES,
    }),
    defaults: Object.freeze({ ...defaults }),
    policies: Object.freeze({ ...policies }),
    context: Object.freeze({ ...context }),
  });
}

/** A named cache, checked. */
export interface ResolvedFeature {
  readonly name: string;
  readonly entities: readonly string[];
  readonly requires: readonly string[];
  readonly policy: CachePolicy;
}

/** @throws {CacheConfigError} for anything wrong. */
export function resolveFeature(name: string, options: CacheFeature = {}): ResolvedFeature {
  if (typeof name !== 'string' || !/^[\w.~-]+$/.test(name)) {
    throw new CacheConfigError(
      `forFeature: ${JSON.stringify(name)} is no name for a cache: write one word of A-Z a-z 0-9 _ . ~ -.`,
    );
  }
  validateOptions(FeatureSchema, options, `forFeature('${name}')`);
  const { entities = [name], requires = [], ...policy } = options;
  return Object.freeze({ name, entities: [...entities], requires: [...requires], policy });
}
