/** What the environment says. Everything has a default: `npm start` needs no setting and no server. */
export interface Settings {
  /** HOST; default 127.0.0.1, so that nothing outside this machine can reach the demo */
  readonly host: string;
  /** PORT; default 3000; 0 takes any free port */
  readonly port: number;
  /** DATABASE_URL; absent: an embedded PostgreSQL in memory */
  readonly databaseUrl: string | undefined;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    host: environment.HOST || '127.0.0.1',
    port: readPort(environment.PORT || '3000'),
    databaseUrl: environment.DATABASE_URL || undefined,
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is '${text}': give a whole number from 0 to 65535`);
  }
  return port;
}
