import type { Rulebook } from '../../core/cache/rulebook.js';
import type { CacheFeature } from '../options/cache-module-options.js';
import { resolveFeature, type ResolvedFeature } from '../options/resolve-options.js';

/** The named caches of one application. */
export class Features {
  readonly #features: ResolvedFeature[] = [];

  /** @param giveUp closes what the application has opened; @param learn asks what was invalidated of a cache */
  constructor(
    private readonly rules: Rulebook | undefined,
    private readonly giveUp: () => Promise<void> = async () => undefined,
    private readonly learn: (cache: string) => Promise<void> = async () => undefined,
  ) {}

  /**
   * @throws {CacheConfigError} for wrong options, and when another cache owns one of its entities. Nothing stays open
   * then.
   */
  async add(name: string, options: CacheFeature): Promise<void> {
    try {
      const feature = resolveFeature(name, options);
      this.rules?.own(feature.name, feature.entities, feature.policy);
      await this.learn(feature.name);
      this.#features.push(feature);
    } catch (error) {
      await this.giveUp();
      throw error;
    }
  }

  /** The `{@name}` holes that every template of an entity must contain, and who says so. */
  required(entity: string): { readonly cache: string; readonly holes: readonly string[] } | undefined {
    const owner = this.#features.find(({ entities }) => entities.includes(entity));
    return owner === undefined ? undefined : { cache: owner.name, holes: owner.requires };
  }
}
