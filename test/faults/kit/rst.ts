import type { Socket } from 'node:net';

/** Ends a connection by RST alone. Node's own way sends FIN first, and the other side sees an orderly end. */
export function rst(socket: Socket): void {
  // What has been told its end already cannot be reset any more.
  if (socket.writableEnded) return void socket.destroy();
  socket.destroySoon = () => {
    socket.destroy();
  };
  socket.resetAndDestroy();
}
