import { CacheConfigError, CacheDoctor } from '@datapunk/cache';
import { describe, expect, it } from 'vitest';
import { backend } from '../../support/backends.js';
import { boot } from '../../support/boot.js';

const TOPOLOGY: Readonly<Record<string, string>> = { embedded: 'embedded', cluster: 'cluster' };

describe('CacheDoctor', () => {
  it('examines the servers of forRoot, whichever they are', async () => {
    const { topology, nodes, findings } = await (await boot([])).get(CacheDoctor).examine({ patience: '10s' });
    expect(topology).toBe(TOPOLOGY[backend] ?? 'standalone');
    expect(nodes).toHaveLength(backend === 'embedded' ? 0 : backend === 'cluster' ? 6 : 1);
    const reachable = findings.find(({ id }) => id === 'reachable');
    expect(reachable?.severity).toBe(backend === 'embedded' ? undefined : 'ok');
  });

  it.each([
    [{ patience: 'soon' }, 'patience: "soon" is not a duration'],
    [{ patience: 0 }, 'patience: 0 is not valid'],
    [{ purpose: 'fun' }, "purpose: \"fun\" is not valid: write 'data' or 'coordination'"],
  ])('refuses %j', async (options, message) => {
    const examined = (await boot([])).get(CacheDoctor).examine(options as object);
    await expect(examined).rejects.toThrow(CacheConfigError);
    await expect(examined).rejects.toThrow(message);
  });
});
