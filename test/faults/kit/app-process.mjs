/** A process of an application under test; see `app-process.ts`, which starts it. */
import { importSource } from '../../support/import-source.mjs';

const { file, options } = JSON.parse(process.argv[2]);
const say = (message) => process.connected && process.send(message);

// Whoever started us has gone.
process.on('disconnect', () => process.exit(0));

const methods = await importSource(file).start(options, (told) => say({ told }));

async function answer({ id, method, args }) {
  try {
    say({ id, value: await methods[method](...args) });
  } catch (error) {
    say({ id, error: `${error?.name ?? 'Error'}: ${error?.message ?? error}` });
  }
}

process.on('message', (asked) => void answer(asked));
say({ told: 'ready' });
