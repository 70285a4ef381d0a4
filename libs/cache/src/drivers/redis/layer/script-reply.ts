import { CacheWriteError } from '../../../core/errors.js';

/** What every script answers. */
export interface ScriptReply {
  /** 1: done; 0: something newer is there. */
  readonly done: boolean;
  readonly assigned: number;
  /** When the server ran it, ms. */
  readonly at: number;
}

/** @throws {CacheWriteError} when the script came too late and refused, or answered what no script of ours does. */
export function readReply(reply: unknown, key: string): ScriptReply {
  const [status, assigned, at] = Array.isArray(reply) ? (reply as unknown[]) : [];
  if (status === 1 || status === 0) return { done: status === 1, assigned: Number(assigned), at: Number(at) };
  const why =
    status === -1 ? 'the command reached Redis after its deadline and was refused' : 'Redis gave an unknown answer';
  throw new CacheWriteError(`'${key}': ${why}; nothing was changed. Try again.`, { key, layer: 'shared' });
}
