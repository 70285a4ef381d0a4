/** Whether Redis has answered, and said no. By its name: it may be of another copy of ioredis. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'ReplyError' || isRefusal(error.cause);
}
