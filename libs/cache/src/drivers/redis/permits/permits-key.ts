import { escapePart } from '../../../core/keys/escape.js';

/** The key of permits: `coord:{service}:permits:{name}`. The name is one segment, written as that of a lock is. */
export function permitsKey(service: string, name: string): string {
  const parts = name.split(':').map((part) => escapePart(part, 'the name of permits'));
  return `coord:${service}:permits:${parts.join(',')}`;
}
