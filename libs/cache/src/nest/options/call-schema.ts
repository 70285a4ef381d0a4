import { ClassReference, Count, OneOf, Optional, Span, Text } from './option-rules.js';
import { PolicySchema } from './option-schema.js';

/** What decorators take: the compiler checks it for TypeScript, the boot for everybody else. */
class CallSchema extends PolicySchema {
  @Optional() @Text() policy: unknown;
  @Optional() @ClassReference() as: unknown;
}

export class ReadSchema extends CallSchema {}

export class WriteSchema extends CallSchema {
  @Optional() @Text() value: unknown;
  @Optional() @Text() version: unknown;
}

export class EvictSchema {
  @Optional() @OneOf('delete', 'expire') mode: unknown;
  @Optional() @OneOf('after', 'before') when: unknown;
}

export class RequestCachedSchema {
  @Optional() @Text() key: unknown;
}

export class ComputedSchema {
  @Optional() @Text() key: unknown;
  @Optional() @Span() ttl: unknown;
  @Optional() @Count() maxEntries: unknown;
}
