import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from './server.js';
import { settings } from './settings.js';

export interface AccessOptions {
  /** of the user `default` */
  readonly password?: string;
  /** lines of an ACL file, such as `user cache on >secret ~app:* +@read`; `user default off` is one of them if wanted */
  readonly acl?: readonly string[];
}

/** The user by which the bootstrap signs in, and replicas at their primary, when the test fills the ACL file. */
const KEEPER = { username: 'keeper', password: 'keeper' };

export interface Access {
  readonly login: NonNullable<Launch['access']>;
  args(folder: string): readonly string[];
}

/** How a server guards itself, and how the bootstrap passes the guard. */
export function guard({ password, acl }: AccessOptions): Access {
  if (acl) return { login: KEEPER, args: (folder) => aclArgs(acl, folder) };
  if (password === undefined) return { login: {}, args: () => settings({ 'protected-mode': 'no' }) };
  return { login: { password }, args: () => settings({ requirepass: password, masterauth: password }) };
}

function aclArgs(acl: readonly string[], folder: string): string[] {
  const file = join(folder, 'users.acl');
  writeFileSync(file, [...acl, `user ${KEEPER.username} on >${KEEPER.password} ~* &* +@all`, ''].join('\n'));
  return settings({ aclfile: file, masteruser: KEEPER.username, masterauth: KEEPER.password });
}
