import { CacheKeyError } from '../errors.js';
import { show } from './escape.js';
import { type Hole, parseHole } from './place.js';
import type { KeyTemplate } from './template.js';

/** The template of a definition with its names bound to the parameters in order. */
export function bindByOrder(template: KeyTemplate): string {
  let index = 0;
  return bind(template, (_name, optional) => `${index++}${optional ? '?' : ''}`);
}

/**
 * The template of a definition with its names bound to these places.
 * @throws {CacheKeyError} `KEY_GRAMMAR` for a name without a place, a place without a name, and what is no place.
 */
export function bindByName(template: KeyTemplate, names: ReadonlySet<string>, places: unknown): string {
  if (typeof places !== 'object' || places === null)
    throw refused(template, `it takes places by name, not ${show(places)}`);
  const stray = Object.keys(places).find((name) => !names.has(name));
  if (stray !== undefined) throw refused(template, `there is no hole {${stray}}`);
  return bind(template, (name) => {
    const place: unknown = Reflect.get(places, name);
    if (typeof place !== 'string')
      throw refused(template, `{${name}} needs a place like '0' or '0.id', not ${show(place)}`);
    return parseHole(place, 'place').text;
  });
}

function bind({ head, holes }: KeyTemplate, placeOf: (name: string, optional: boolean) => string): string {
  const text = (hole: Hole) => (hole.place.from === 'named' ? placeOf(hole.place.name, hole.optional) : hole.text);
  return holes.reduce((source, hole) => `${source}{${text(hole)}}${hole.after}`, head);
}

function refused(template: KeyTemplate, why: string): CacheKeyError {
  return new CacheKeyError('KEY_GRAMMAR', `'${template.source}'.at(…): ${why}`);
}
