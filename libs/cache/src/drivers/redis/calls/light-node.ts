import { MUTABLE } from '../../../core/entry/layout.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';

type Answer = (reply: unknown) => void;
type Fail = (error: Error) => void;

/** What ioredis keeps of a command between sending and answering it. */
interface Light {
  readonly name: string;
  readonly args: readonly RedisArgument[];
  /** Called as they are, without their object, by those who trace ioredis. */
  resolve: Answer;
  reject: Fail;
}

type LightClass = new (name: string, args: readonly RedisArgument[], heard: [Answer, Fail]) => Light;

/**
 * A connection to one node, for commands that are a third as dear as ioredis's own: they make no promises and look up no
 * table for what they might be. They go the same way, through `sendCommand` and its queue of answers, so that nothing can
 * come between a command and its reply. Replies are bytes, not text.
 */
export class LightNode {
  constructor(
    private readonly node: RedisNode,
    private readonly Command: LightClass = lightClass(node),
  ) {}

  /** Neither `answer` nor `fail` may throw: ioredis calls them while it reads replies. */
  get(key: string, answer: Answer, fail: Fail): void {
    this.node.sendCommand(new this.Command('get', [key], [answer, fail]));
  }

  /** The same for the header of an entry. */
  getHeader(key: string, answer: Answer, fail: Fail): void {
    this.node.sendCommand(new this.Command('getrange', headerRange(key), [answer, fail]));
  }

  call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.node.sendCommand(new this.Command(name, args, [resolve, reject]));
    });
  }
}

/** Where the header of an entry is, as GETRANGE takes it. */
export function headerRange(key: string): readonly [string, number, number] {
  return [key, 0, MUTABLE.end - 1];
}

/**
 * A class like the one of this node's ioredis, be it 5 or 6, whose prototype it inherits: whatever else a version asks of
 * a command it finds there.
 */
function lightClass(node: RedisNode): LightClass {
  class LightCommand implements Light {
    readonly resolve: Answer;
    readonly reject: Fail;
    readonly promise = undefined;
    readonly isTraced = true;

    constructor(
      readonly name: string,
      readonly args: readonly RedisArgument[],
      heard: [Answer, Fail],
    ) {
      [this.resolve, this.reject] = heard;
    }

    toWritable(): string | Buffer {
      return written(this.name, this.args);
    }
  }
  Object.setPrototypeOf(LightCommand.prototype, prototypeOf(node));
  return LightCommand;
}

/** The prototype of the commands that this node makes: one that asks for nothing and is not sent shows it. */
function prototypeOf(node: RedisNode): object {
  let prototype: object | undefined;
  const sendCommand = (command: object): unknown => {
    prototype = Object.getPrototypeOf(command);
    return Promise.resolve(null);
  };
  const mute: RedisNode = Object.create(node, { sendCommand: { value: sendCommand } });
  void mute.getBuffer('');
  if (prototype === undefined) throw new TypeError('this version of ioredis is not known');
  return prototype;
}

/** A command as RESP has it: text where all of it is, else bytes. */
function written(name: string, args: readonly RedisArgument[]): string | Buffer {
  const parts: Buffer[] = [];
  let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`;
  for (const arg of args) {
    if (typeof arg === 'object') {
      parts.push(Buffer.from(`${text}$${arg.length}\r\n`), arg);
      text = '\r\n';
    } else {
      text += `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`;
    }
  }
  return parts.length === 0 ? text : Buffer.concat([...parts, Buffer.from(text)]);
}
