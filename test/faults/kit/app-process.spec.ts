import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { alive } from '../../support/redis/alive.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { AppProcess } from './app-process.js';

const ECHO = join(__dirname, 'apps/echo.app.ts');

async function started(): Promise<AppProcess> {
  const app = await AppProcess.start(ECHO, { first: 100 });
  onTestFinished(() => app.kill());
  return app;
}

it('an application in a process of its own answers by name, in values and in errors', async () => {
  const app = await started();
  expect(await app.call<number>('count')).toBeGreaterThanOrEqual(100);
  expect(await app.call('twice', 2n ** 60n)).toBe(2n ** 61n);
  await expect(app.call('fail')).rejects.toThrow('TypeError: told to');
});

it('one that is frozen does nothing until it is thawed', async () => {
  const app = await started();
  await app.freeze();
  let answered = false;
  const counted = app.call<number>('count').then((count) => {
    answered = true;
    return count;
  });
  await pause(300);
  expect(answered).toBe(false);
  app.thaw();
  expect(await counted).toBeGreaterThanOrEqual(100);
});

it('one that is killed, frozen or not, is gone, and whoever asked it is told', async () => {
  const app = await started();
  const asked = app.call('never');
  asked.catch(() => undefined);
  await app.freeze();
  await app.kill();
  await expect(asked).rejects.toThrow('has ended');
  await eventually('its process is gone', () => !alive(app.pid));
  await expect(app.call('count')).rejects.toThrow('has ended');
});

it('one that cannot start says why', async () => {
  await expect(AppProcess.start(join(__dirname, 'apps/none.app.ts'), {})).rejects.toThrow('none.app.ts');
});
