import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { type LakeCity, prepareLake } from '../../../apps/demo/src/database/lake.js';
import { completeRequests } from './wire-requests.js';

/**
 * One PostgreSQL for several demos, on a machine that has none: PGlite behind a port of loopback. What a client sends is
 * handed on as it is, a whole request at a time, so that two connections do not get into one another's way.
 */
export class SharedDatabase {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly lite: PGlite,
    private readonly server: Server,
  ) {
    server.on('connection', (socket) => this.serve(socket));
  }

  /** With these cities in it, so that a demo that finds them loads no others. */
  static async start(cities: readonly LakeCity[]): Promise<SharedDatabase> {
    const lite = new PGlite();
    const query = async <Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await lite.query<Row>(sql, [...parameters])).rows;
    await prepareLake({ query, close: () => lite.close() }, () => Promise.resolve(cities));
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SharedDatabase(lite, server);
  }

  /** for DATABASE_URL */
  get url(): string {
    return `postgres://lake@127.0.0.1:${(this.server.address() as AddressInfo).port}/lake`;
  }

  /** behind the back of the demos and their cache */
  async execute(sql: string): Promise<void> {
    await this.lite.exec(sql);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await this.lite.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const requests = completeRequests((request) => void this.answer(socket, request));
    socket.on('data', requests);
  }

  private async answer(socket: Socket, request: Buffer): Promise<void> {
    try {
      const reply = await this.lite.execProtocolRaw(request);
      if (socket.writable) socket.write(reply);
    } catch {
      socket.destroy();
    }
  }
}
