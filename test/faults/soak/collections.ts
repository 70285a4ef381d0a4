import { Session, type Runtime } from 'node:inspector';

/** How many items each collection holds, by the way to it: `cache.parts.flights.#places`. */
export type Sizes = Readonly<Record<string, number>>;

const COLLECTION = /^(?:Map|Set|Array)\((\d+)\)$/;
/** Sockets and clients are their packages' own. */
const FOREIGN =
  /^(?:Redis|Cluster|Commander|Socket|TLSSocket|EventEmitter|Timeout|Immediate|AbortSignal|Module\w*|Nest\w*)$/;
const DEPTH = 9;

/** As V8 answers; its types leave the private ones out. */
interface Properties {
  readonly result: readonly Property[];
  readonly privateProperties?: readonly Property[];
}

type Property = Pick<Runtime.PropertyDescriptor, 'name' | 'value'>;

interface Found {
  readonly path: string;
  readonly object: Runtime.RemoteObject;
  readonly depth: number;
}

/**
 * The maps, sets and arrays in an object and all that it holds, private fields included: an inspector of one's own
 * process sees those, so that nothing has to be made public for a test. What only a closure holds is not seen.
 */
export function collectionsOf(root: object): Sizes {
  const session = new Session();
  session.connect();
  try {
    return new Walk(session).from(root);
  } finally {
    session.disconnect();
  }
}

class Walk {
  readonly #sizes: Record<string, number> = {};
  readonly #seen = new WeakSet<object>();

  constructor(private readonly session: Session) {}

  from(root: object): Sizes {
    const here = { root, isNew: (one: object) => !this.#seen.has(one) && this.#seen.add(one) === this.#seen };
    Reflect.set(globalThis, '__walk', here);
    const { result } = this.#ask<{ result: Runtime.RemoteObject }>('Runtime.evaluate', {
      expression: 'globalThis.__walk.root',
      objectGroup: 'walk',
    });
    const open: Found[] = [{ path: '', object: result, depth: 0 }];
    for (let one = open.pop(); one !== undefined; one = open.pop()) open.push(...this.#inside(one));
    this.#ask('Runtime.releaseObjectGroup', { objectGroup: 'walk' });
    Reflect.deleteProperty(globalThis, '__walk');
    return this.#sizes;
  }

  #inside({ path, object, depth }: Found): Found[] {
    const size = COLLECTION.exec(object.description ?? '')?.[1];
    if (size !== undefined) {
      this.#sizes[path] = Math.max(Number(size), this.#sizes[path] ?? 0);
      return [];
    }
    if (depth > DEPTH || !this.#isOurs(object)) return [];
    const { result, privateProperties } = this.#ask<Properties>('Runtime.getProperties', {
      objectId: object.objectId,
      ownProperties: true,
    });
    return [...result, ...(privateProperties ?? [])].flatMap(({ name, value }) =>
      value?.objectId === undefined || value.type !== 'object' || name === '__proto__'
        ? []
        : [{ path: path === '' ? name : `${path}.${name}`, object: value, depth: depth + 1 }],
    );
  }

  /** An object that was not met before, and neither a value of the language nor of a package. */
  #isOurs({ objectId, subtype, className = '' }: Runtime.RemoteObject): boolean {
    if (objectId === undefined || subtype !== undefined || FOREIGN.test(className)) return false;
    const { result } = this.#ask<{ result: Runtime.RemoteObject }>('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: 'function () { return globalThis.__walk.isNew(this); }',
    });
    return result.value === true;
  }

  /** Answers at once, since the session is of this very thread. */
  #ask<T>(method: string, params: object): T {
    let answer: T | undefined;
    this.session.post(method, params, (error, result) => {
      if (error !== null) throw error;
      answer = result as T;
    });
    if (answer === undefined) throw new Error(`the inspector did not answer ${method}`);
    return answer;
  }
}
