import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { loadIoredis } from './load-ioredis.js';

function failing(code: string, message: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { code });
  };
}

describe('ioredis', () => {
  it('is loaded', () => {
    expect(loadIoredis().Redis).toBeTypeOf('function');
    expect(loadIoredis().Cluster).toBeTypeOf('function');
  });

  it('that is missing is a wrong configuration, with the command to install it', () => {
    const load = failing('MODULE_NOT_FOUND', "Cannot find module 'ioredis'");
    expect(() => loadIoredis(load)).toThrow(CacheConfigError);
    expect(() => loadIoredis(load)).toThrow("the package 'ioredis' is not installed. Run: npm install ioredis@6");
  });

  it.each([failing('MODULE_NOT_FOUND', "Cannot find module 'denque'"), failing('ERR_OTHER', "'ioredis' is broken")])(
    'that is broken says so itself',
    (load) => {
      expect(() => loadIoredis(load)).not.toThrow(CacheConfigError);
      expect(() => loadIoredis(load)).toThrow(/denque|broken/);
    },
  );
});
