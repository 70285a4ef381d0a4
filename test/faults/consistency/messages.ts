import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** One message a line. */
export function send<Message>(socket: Socket, message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Hears the messages of a connection. Its errors are those of a process that was killed: `close` follows. */
export function onMessages<Message>(socket: Socket, hear: (message: Message) => void): void {
  const lines = createInterface(socket);
  // Lines pass on what happens to their source, as an error of their own.
  for (const one of [socket, lines]) one.on('error', () => undefined);
  lines.on('line', (line) => hear(JSON.parse(line) as Message));
}
