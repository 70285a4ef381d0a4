import { afterAll, beforeEach, expect } from 'vitest';
import { SERVICE } from '../backends.js';
import { connectionsOf, disconnect, removeKeys } from './backend-servers.js';
import { eventually } from './wait.js';

/** Runs with every file of a project over Redis: each test begins without keys, and no file leaves a connection. */
beforeEach(() => removeKeys(SERVICE));

afterAll(async () => {
  try {
    // The server hears of the end of a socket a moment later than we do.
    await eventually(
      'the connections are closed',
      async () => (await connectionsOf(SERVICE)).length === 0,
      2_000,
    ).catch(() => undefined);
    expect(await connectionsOf(SERVICE)).toEqual([]);
  } finally {
    await disconnect();
  }
});
