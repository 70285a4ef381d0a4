import type { KeyPart } from '../../core/keys/key.js';
import type { RequestSource } from './request-source.js';

/** `{@ip}`: the client's address as the platform tells it, which knows about trusted proxies. */
export function address(source: RequestSource | undefined): KeyPart | undefined {
  return part(at(source?.request, 'ip')) ?? part(at(at(source?.request, 'socket'), 'remoteAddress'));
}

/** `{@user}`: `request.user.id`, else its `sub` (what Passport and JWT guards leave there). */
export function user(source: RequestSource | undefined): KeyPart | undefined {
  const found = at(source?.request, 'user');
  return part(at(found, 'id')) ?? part(at(found, 'sub'));
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function part(value: unknown): KeyPart | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}
