/**
 * `passing`: waiting may heal it. `refused`: it will not, so a required boot fails at once. `config`: the options do not
 * fit the server, so any boot fails.
 */
export type FailureKind = 'passing' | 'refused' | 'config';

/** Why Redis cannot be used. */
export interface Failure {
  readonly kind: FailureKind;
  /** `ECONNREFUSED`, `WRONGPASS`, … */
  readonly code: string;
  /** What happened, as a clause. */
  readonly what: string;
  readonly remedy: string;
  /** What ioredis said, without the command it said it of: that may be AUTH with its password. */
  readonly cause: Error;
}

type Row = readonly [pattern: RegExp, kind: FailureKind, code: string, what: string, remedy: string];

const ADDRESS = 'correct the address';
const AUTH = 'correct username and password in forRoot.redis';

/** What a fault is told by, the first that fits. An empty code is the error's own. */
const TABLE: readonly Row[] = [
  [/ECONNREFUSED/, 'passing', 'ECONNREFUSED', 'nothing listens there', `start Redis or ${ADDRESS}`],
  [/ENOTFOUND|EAI_AGAIN/, 'passing', '', 'the name of the host is unknown', ADDRESS],
  [/EHOSTUNREACH|ENETUNREACH/, 'passing', '', 'no way leads there', `check network and firewall or ${ADDRESS}`],
  [
    /ETIMEDOUT|SILENT|Command timed out|^timeout$/,
    'passing',
    'ETIMEDOUT',
    'no answer in time',
    'check address, firewall and whether the port speaks TLS (rediss://)',
  ],
  [/WRONGPASS|invalid password|invalid username-password/i, 'refused', 'WRONGPASS', 'it refuses the password', AUTH],
  [/NOAUTH/, 'refused', 'NOAUTH', 'it asks for a password', 'write password (and username) in forRoot.redis'],
  [/ERR_TLS_OPTIONS/, 'refused', '', 'the options of TLS are not valid', 'correct forRoot.redis.tls; see the cause'],
  [
    /CERT|SELF_SIGNED|ISSUER|VERIFY|ERR_TLS|ERR_SSL|EPROTO/,
    'refused',
    '',
    'TLS could not be agreed on',
    'hand over the certificate to trust, tls: { ca }, and check that the port speaks TLS',
  ],
  [
    /cluster support disabled/i,
    'config',
    'NOT_A_CLUSTER',
    'it is no node of a cluster, but forRoot.redis.nodes says so',
    "write its URL instead: redis: 'redis://host:port'",
  ],
  [/DB index/i, 'config', 'NO_DATABASE', 'it has no database of this number', 'correct the number behind the address'],
  [/NOPERM/, 'refused', 'NOPERM', 'the user lacks a permission', 'grant it with ACL SETUSER'],
  [/LOADING/, 'passing', 'LOADING', 'it is loading its data', 'wait, or raise timeout'],
  [/DENIED/, 'refused', 'DENIED', 'its protected mode refuses other hosts', 'set a password on the server'],
  [
    /CONNECTION_LIMIT/,
    'passing',
    '',
    'this process has as many connections as it may',
    'raise forRoot.protection.connections',
  ],
  [/max number of clients/i, 'passing', 'MAXCLIENTS', 'it serves no more clients', 'raise maxclients on the server'],
  [/sentinel/i, 'passing', 'SENTINEL', 'no sentinel names a primary', 'check forRoot.redis.sentinels and name'],
  [
    /closed|None of startup nodes|ECONNRESET|EPIPE/,
    'passing',
    'CLOSED',
    'the connection was closed',
    'check whether the port speaks TLS (rediss://)',
  ],
];

export const SILENT = 'SILENT';

/** What an error of ioredis, of a socket or of a reply means. */
export function failureOf(error: unknown): Failure {
  const root = lastOf(error);
  const cause = withoutCommand(root);
  const said = `${codeOf(root)} ${cause.message}`.trim();
  const row = TABLE.find(([pattern]) => pattern.test(said));
  if (row === undefined) {
    const code = codeOf(root) || (/^[A-Z]{3,}(?= )/.exec(cause.message)?.[0] ?? 'UNKNOWN');
    return { kind: 'passing', code, what: cause.message, remedy: 'see the cause', cause };
  }
  const [pattern, kind, code, what, remedy] = row;
  const [, command] = code === 'NOPERM' ? (/'([\w|]+)'/.exec(cause.message) ?? []) : [];
  return {
    kind,
    code: code || codeOf(root) || (pattern.exec(said)?.[0] ?? ''),
    what: command === undefined ? what : `${what}: +${command}`,
    remedy,
    cause,
  };
}

/** The one line that says it all: `ECONNREFUSED: nothing listens there`. */
export function told({ code, what }: Failure): string {
  return `${code}: ${what}`;
}

/** Under "all nodes failed" the error of the last node tried. */
function lastOf(error: unknown): unknown {
  const inner = typeof error === 'object' && error !== null && 'lastNodeError' in error && error.lastNodeError;
  return inner instanceof Error ? inner : error;
}

function withoutCommand(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === '' ? new Error(message) : Object.assign(new Error(message), { code });
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
