import type { Rulebook } from '../../core/cache/rulebook.js';
import type { ResolvedFeature } from '../options/resolve-options.js';

/** The named caches of one application. */
export class Features {
  readonly #features: ResolvedFeature[] = [];

  constructor(private readonly rules: Rulebook | undefined) {}

  /** @throws {CacheConfigError} when another cache owns one of its entities. */
  add(feature: ResolvedFeature): void {
    this.rules?.own(feature.name, feature.entities, feature.policy);
    this.#features.push(feature);
  }

  /** The `{@name}` holes that every template of an entity must contain, and who says so. */
  required(entity: string): { readonly cache: string; readonly holes: readonly string[] } | undefined {
    const owner = this.#features.find(({ entities }) => entities.includes(entity));
    return owner === undefined ? undefined : { cache: owner.name, holes: owner.requires };
  }
}
