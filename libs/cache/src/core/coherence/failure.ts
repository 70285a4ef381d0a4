/** Why a load failed, as the other processes are told that wait for it. */
export interface Failure {
  /** The name of the error's class. */
  readonly name: string;
  readonly message: string;
  /** What the error calls itself, such as `ECONNREFUSED`. */
  readonly code?: string | undefined;
  /** What Nest answers with, where the error says so. */
  readonly status?: number | undefined;
}

/** Longer texts are cut: all who wait get them. */
const LONGEST = 300;

/**
 * What others may know of an error. `undefined`: nothing, because it says something of this process only, whose load was
 * ended (`AbortError`).
 */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return { name: 'Error', message: cut(String(error)) };
  if (error.name === 'AbortError') return undefined;
  const { code } = error as { code?: unknown };
  const http = httpStatusOf(error);
  return {
    name: cut(error.name),
    message: cut(error.message),
    ...(typeof code === 'string' ? { code: cut(code) } : {}),
    ...(http === undefined ? {} : { status: http }),
  };
}

/** A failure out of what somebody sent; `undefined`: it is none. */
export function readFailure(sent: unknown): Failure | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined;
  const { name, message, code, status } = sent as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  return {
    name: cut(name),
    message: cut(message),
    ...(typeof code === 'string' ? { code: cut(code) } : {}),
    ...(isHttpStatus(status) ? { status } : {}),
  };
}

/** What Nest would answer with: of its own exceptions, and of what calls itself an HTTP error. */
function httpStatusOf(error: Error): number | undefined {
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const said = 'getStatus' in error ? status : statusCode;
  return isHttpStatus(said) ? said : undefined;
}

function isHttpStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600;
}

function cut(text: string): string {
  return text.slice(0, LONGEST);
}
