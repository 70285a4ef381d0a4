import { parentPort } from 'node:worker_threads';
import { PgliteDatabase } from './pglite-database.js';
import type { Reply, Request } from './thread-messages.js';

/** Entry of the database thread: one PGlite that answers messages. */
const database = new PgliteDatabase();

async function reply(request: Request): Promise<Reply> {
  const { id } = request;
  try {
    if ('close' in request) {
      await database.close();
      return { id, rows: [] };
    }
    return { id, rows: await database.query(request.sql, request.parameters) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: Request) => {
  void reply(request).then((answer) => parentPort?.postMessage(answer));
});
