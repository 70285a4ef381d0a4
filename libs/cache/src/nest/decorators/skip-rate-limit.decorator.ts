import { SetMetadata } from '@nestjs/common';
import { SKIPPED } from '../limits/limit-metadata.js';

/**
 * Frees a handler, or all handlers of a class, from limits: from those named, or from all. What the method says counts,
 * not what its class says.
 *
 * @example
 * class Status { @Get() @SkipRateLimit() health(): string { … } }
 */
export function SkipRateLimit(...names: string[]): MethodDecorator & ClassDecorator {
  return SetMetadata(SKIPPED, names);
}
