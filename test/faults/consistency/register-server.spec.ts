import { expect, it, onTestFinished } from 'vitest';
import type { Operation } from '../../support/consistency/operation.js';
import { RegisterClient } from './register-client.js';
import { RegisterServer } from './register-server.js';

const write = (content: string, outcome: Operation['outcome']): Operation => ({
  kind: 'write',
  key: 'k',
  client: 'c',
  content,
  call: 0,
  return: 1,
  outcome,
});

it('holds what was written last, and knows what a history leaves out or denies', async () => {
  const server = await RegisterServer.start();
  onTestFinished(() => server.close());
  const client = await RegisterClient.open(server.port);
  onTestFinished(() => client.close());
  expect(await client.read('k')).toBeNull();
  for (const content of ['told', 'denied', 'untold']) await client.write('k', content);
  expect(await client.read('k')).toBe('untold');
  const history = [write('told', 'ok'), write('denied', 'failed'), write('refused', 'failed')];
  expect(server.missing(history)).toMatchObject([{ content: 'untold', outcome: 'unknown', return: Infinity }]);
  expect(server.contradicted(history)).toEqual([history[1]]);
});
