import { Allow } from 'class-validator';
import {
  ClassReference,
  Count,
  Flag,
  Group,
  OneOf,
  Optional,
  Predicate,
  Skips,
  Span,
  Text,
  Texts,
} from './option-rules.js';
import { PolicySchema, type Groups } from './option-schema.js';

/** What decorators take: the compiler checks it for TypeScript, the boot for everybody else. */
class CallSchema extends PolicySchema {
  @Optional() @Text() policy: unknown;
  @Optional() @ClassReference() as: unknown;
  @Optional() @Texts() tags: unknown;
}

export class ReadSchema extends CallSchema {
  @Optional() @Text() by: unknown;
  /** A function, which the read checks. */
  @Allow() batch: unknown;
  @Optional() @Skips() skip: unknown;
}

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

export class LockSchema {
  @Optional() @Span() ttl: unknown;
  /** May be 0, which the locks check. */
  @Allow() wait: unknown;
  @Allow() atLeast: unknown;
  @Optional() @OneOf('wait', 'skip') ifBusy: unknown;
  @Optional() @OneOf('local', 'replicated') durability: unknown;
  @Optional() @OneOf('refuse', 'local') whenUndurable: unknown;
}

class DelaySchema {
  @Optional() @Span() base: unknown;
  @Optional() @Span() max: unknown;
}

export class RetrySchema {
  static readonly groups: Groups = { delay: DelaySchema };

  @Optional() @Count() attempts: unknown;
  @Optional() @Span() deadline: unknown;
  @Optional() @Group() delay: unknown;
  @Optional() @Predicate() retryIf: unknown;
  @Optional() @Flag() breaker: unknown;
}

export class ComputedSchema {
  @Optional() @Text() key: unknown;
  @Optional() @Span() ttl: unknown;
  @Optional() @Count() maxEntries: unknown;
}
