/** What one process of a service is, from its source. */
import { fileURLToPath } from 'node:url';
import { importSource } from '../../../test/support/import-source.mjs';

const source = (name) => importSource(fileURLToPath(new URL(`../../../libs/cache/src/${name}.ts`, import.meta.url)));

export function processOf(redis) {
  const { compose, realWorld } = source('nest/composition');
  const { EventHub } = source('core/events/event-hub');
  const { resolveOptions } = source('nest/options/resolve-options');
  const options = { service: 'bench', redis, protection: { operations: false }, staleness: false };
  return compose(resolveOptions(options), realWorld(), new EventHub());
}
