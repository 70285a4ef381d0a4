import { createHook } from 'node:async_hooks';
import { onTestFinished } from 'vitest';
import { pause } from './wait.js';

/** A timer or a socket, as `async_hooks` hands it over. */
interface Handle {
  readonly _destroyed?: boolean;
  hasRef?(): boolean;
}

/** How long what is on its way out may take. */
const TURN_MS = 5;
const GOING_TURNS = 40;

const KINDS = /^(?:Timeout|TCPWRAP|TLSWRAP)$/;

/** Only what we or ioredis opened: the test runner has timers of its own. */
const OURS = /[/\\](?:drivers[/\\]redis|ioredis(?:-5)?|shared[/\\]system-clock)[/\\.]/;

export interface OpenHandles<T> {
  readonly result: T;
  /** The kinds of what was opened meanwhile and keeps the process alive, now. */
  readonly left: () => string[];
}

export async function watchingHandles<T>(work: () => Promise<T>): Promise<OpenHandles<T>> {
  const opened = new Map<number, { readonly kind: string; readonly handle: Handle }>();
  let isWatching = true;
  const hook = createHook({
    init(id, kind, _trigger, handle: Handle) {
      if (isWatching && KINDS.test(kind) && OURS.test(stack())) opened.set(id, { kind, handle });
    },
    // A timer that has fired is over; a socket may be called again.
    after: (id) => void (opened.get(id)?.kind === 'Timeout' && opened.delete(id)),
    destroy: (id) => void opened.delete(id),
  });
  hook.enable();
  onTestFinished(() => void hook.disable());
  const result = await work();
  isWatching = false;
  const left = (): string[] => [...opened.values()].filter(isOpen).map(({ kind }) => kind);
  // A socket that was told to go does so in its own time.
  for (let turn = 0; turn < GOING_TURNS && left().length > 0; turn += 1) await pause(TURN_MS);
  return { result, left };
}

function isOpen({ handle }: { readonly handle: Handle }): boolean {
  return handle._destroyed !== true && handle.hasRef?.() === true;
}

function stack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const text = new Error('here').stack ?? '';
  Error.stackTraceLimit = limit;
  return text;
}
