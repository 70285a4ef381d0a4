/** No command outlives this: neither in the caller, nor in a server that was stopped and goes on. */
export const DEADLINE_MS = 1_000;
