import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

describe('readSettings', () => {
  it('needs nothing', () => {
    expect(readSettings({})).toEqual({ host: '127.0.0.1', port: 3000, databaseUrl: undefined });
  });

  it.each(['x', '-1', '65536', '80.5'])('refuses PORT=%s', (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(`PORT is '${PORT}'`);
  });
});
