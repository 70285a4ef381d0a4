import type { Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

/** The load of a key to join: none that has tags, where some were invalidated since it began. */
export function joinable(
  { flights, tags }: Pick<CacheParts, 'flights' | 'tags'>,
  id: string,
): Flight<Outcome, CallRules> | undefined {
  const flight = flights.find(id);
  const tagging = flight?.tagging;
  if (tagging === undefined || tagging.generation === tags.generation(id)) return flight;
  if (flight?.rules.tags === undefined && !tagging.hasNamed) return flight;
  flights.void(id);
  return undefined;
}
