import { guard, type AccessOptions } from './access.js';
import { makeCertificate, tlsArgs } from './certificate.js';
import { localeEnvironment } from './locale.js';
import { obtainServer } from './obtain-server.js';
import { HOST } from './ports.js';
import { RedisServer } from './server.js';
import { settings } from './settings.js';

export interface StandaloneOptions extends AccessOptions {
  /** further settings, as on the command line of `redis-server` */
  readonly args?: readonly string[];
  /** under en_US.UTF-8 instead of C, so that comparing strings shows its other order */
  readonly locale?: boolean;
  /** speak TLS only; the certificate to trust is `tls.ca` of the result */
  readonly tls?: boolean;
  /** absent: any free one */
  readonly port?: number;
}

/** One server that keeps nothing on disk. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Standalone> {
  const { locale = false, tls = false, args = [], port } = options;
  const certificate = tls ? makeCertificate() : undefined;
  const access = guard(options);
  const server = await RedisServer.launch({
    binary: obtainServer(),
    port,
    env: locale ? localeEnvironment() : {},
    access: { ...access.login, ...(certificate ? { ca: certificate.ca } : {}) },
    args: (at, folder) => [
      ...(certificate ? tlsArgs(certificate, at, folder) : settings({ port: at })),
      ...EPHEMERAL,
      ...access.args(folder),
      ...args,
    ],
  });
  return certificate ? Object.assign(server, { tls: { ca: certificate.ca } }) : server;
}

export type Standalone = RedisServer & { readonly tls?: { readonly ca: string } };

/** Loopback only, nothing on disk; a replica is served at once instead of after seconds of waiting for others. */
export const EPHEMERAL = settings({
  bind: HOST,
  save: '',
  appendonly: 'no',
  'repl-diskless-sync-delay': 0,
  'repl-ping-replica-period': 1,
});
