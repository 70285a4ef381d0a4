/** What a server answers in RESP2. An error inside an array is a value; one on its own is thrown. */
export type Reply = string | number | null | ReplyError | Reply[];

export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

interface Read {
  readonly reply: Reply;
  readonly end: number;
}

/** The reply that starts at `from`, or `undefined` while it is not all there. */
export function readReply(bytes: Buffer, from: number, encoding: BufferEncoding): Read | undefined {
  const eol = bytes.indexOf('\r\n', from);
  if (eol === -1) return undefined;
  const line = bytes.toString(encoding, from + 1, eol);
  const end = eol + 2;
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new ReplyError(line), end };
    case ':':
      return { reply: Number(line), end };
    case '$':
      return readBulk(bytes, { from: end, length: Number(line) }, encoding);
    case '*':
      return readArray(bytes, { from: end, length: Number(line) }, encoding);
    default:
      throw new Error(`not RESP2: ${bytes.toString('latin1', from, eol)}`);
  }
}

interface Place {
  readonly from: number;
  readonly length: number;
}

function readBulk(bytes: Buffer, { from, length }: Place, encoding: BufferEncoding): Read | undefined {
  if (length === -1) return { reply: null, end: from };
  const end = from + length + 2;
  return bytes.length < end ? undefined : { reply: bytes.toString(encoding, from, end - 2), end };
}

function readArray(bytes: Buffer, { from, length }: Place, encoding: BufferEncoding): Read | undefined {
  if (length === -1) return { reply: null, end: from };
  const items: Reply[] = [];
  let end = from;
  while (items.length < length) {
    const item = readReply(bytes, end, encoding);
    if (!item) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}

export function writeCommand(args: readonly (string | number)[], encoding: BufferEncoding): Buffer {
  const parts = args.map((arg) => Buffer.from(String(arg), encoding));
  const chunks = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...chunks]);
}

export function text(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply;
  throw new Error(`expected a text, and got ${JSON.stringify(reply)}`);
}

export function list(reply: Reply | undefined): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new Error(`expected a list, and got ${JSON.stringify(reply)}`);
}

/** The `name:value` lines of INFO and CLUSTER INFO. */
export function fields(reply: Reply): Map<string, string> {
  const pairs = text(reply)
    .split('\r\n')
    .map((line) => line.split(/:(.*)/s));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}
