import { RequestInterceptor } from './request-interceptor.js';

/** The metadata keys of `@WebSocketGateway` and `@UseInterceptors`, which have no public constant. */
const GATEWAY = 'websockets:is_gateway';
const INTERCEPTORS = '__interceptors__';

/**
 * Nest 11 ignores global interceptors on gateways, so each gateway class gets ours by hand, before Nest binds its
 * handlers. Nest 12 would run both; the second finds a context and does nothing.
 */
export function giveContextTo(gateways: Iterable<unknown>, interceptor: RequestInterceptor): void {
  for (const gateway of gateways) {
    if (typeof gateway !== 'function' || Reflect.getMetadata(GATEWAY, gateway) !== true) continue;
    const others: unknown[] = Reflect.getMetadata(INTERCEPTORS, gateway) ?? [];
    const foreign = others.filter((other) => !(other instanceof RequestInterceptor));
    Reflect.defineMetadata(INTERCEPTORS, [interceptor, ...foreign], gateway);
  }
}
