import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { freePort, HOST } from '../redis/ports.js';
import { dataFolder, tell } from '../redis/reaper.js';
import { eventually } from '../redis/wait.js';
import { obtainPostgres } from './obtain-postgres.js';

const USER = 'lake';
/** A server refuses to run as root; this user is on every Unix. */
const NOBODY = 65_534;

/** A real PostgreSQL on a port of loopback, for tests that need sessions which do not see one another. */
export class Postgres {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Postgres> {
    const programs = obtainPostgres();
    const folder = dataFolder();
    const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (owner.uid !== undefined) {
      chmodSync(dirname(folder), 0o711);
      chownSync(folder, NOBODY, NOBODY);
    }
    const data = join(folder, 'data');
    const setting = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...owner };
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-sync'],
      {
        ...setting,
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
    const port = await freePort();
    const log = openSync(join(folder, 'postgres.log'), 'a');
    const args = ['-D', data, '-p', String(port), '-h', HOST, '-k', '', '-c', 'fsync=off'];
    const child = spawn(join(programs, 'postgres'), args, { ...setting, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.unref();
    const server = new Postgres(child, folder, port);
    await server.ready();
    return server;
  }

  get url(): string {
    return `postgres://${USER}@${HOST}:${this.port}/postgres`;
  }

  /** Ends it for good and removes its data. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      // Fast: it breaks connections off.
      child.kill('SIGINT');
      await once(child, 'exit');
    }
    if (child.pid !== undefined) tell('gone', child.pid);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    const { child } = this;
    if (child.pid !== undefined) tell('born', child.pid);
    await eventually('PostgreSQL answers or ends', async () => child.exitCode !== null || (await this.answers()));
    if (child.exitCode !== null)
      throw new Error(`postgres ended:\n${readFileSync(join(this.folder, 'postgres.log'), 'utf8')}`);
  }

  private async answers(): Promise<true> {
    const client = new Client({ connectionString: this.url });
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
