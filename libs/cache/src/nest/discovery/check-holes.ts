import { CacheConfigError } from '../../core/errors.js';
import type { Hole } from '../../core/keys/place.js';
import type { Features } from '../module/features.js';
import { nameOf } from '../plans/method-plan.js';
import type { PlannedKey } from './planned-key.js';

interface HoleWorld {
  /** Names of `{@name}` holes that have a value. */
  readonly known: readonly string[];
  readonly features: Features;
}

/** @throws {CacheConfigError} for holes that no call could fill, and for required ones that are missing. */
export function checkHoles(key: PlannedKey, { known, features }: HoleWorld): void {
  const { plan, template } = key;
  const where = `${nameOf(plan)}: '${template.source}'`;
  for (const hole of template.holes) {
    checkContext(hole, known, where);
    checkParameter(hole, key, where);
  }
  const required = key.use === 'result' ? undefined : features.required(template.entity);
  for (const name of required?.holes ?? []) {
    if (template.holes.some(({ place }) => place.from === 'context' && place.name === name)) continue;
    throw new CacheConfigError(
      `${where} lacks {@${name}}, which the cache '${required?.cache}' requires of every '${template.entity}' key: without it all would share one value.`,
    );
  }
}

function checkContext({ place }: Hole, known: readonly string[], where: string): void {
  if (place.from !== 'context' || known.includes(place.name)) return;
  throw new CacheConfigError(
    `${where}: nobody gives {@${place.name}} a value. Known are ${known.map((name) => `{@${name}}`).join(', ')}; add it with forRoot({ context: { ${place.name}: (source) => … } }).`,
  );
}

/** By the types that TypeScript emits: a function's `length` stops at the first default parameter. */
function checkParameter({ place, text }: Hole, { plan }: PlannedKey, where: string): void {
  const types: unknown = Reflect.getMetadata('design:paramtypes', plan.owner, plan.method);
  if (place.from !== 'argument' || !Array.isArray(types) || place.index < types.length) return;
  throw new CacheConfigError(`${where}: {${text}}: the method has no parameter ${place.index} (they count from 0).`);
}
