import { readFileSync } from 'node:fs';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { run } from '../support/redis/run.js';

export interface Service {
  readonly image: string;
  readonly command?: string | readonly string[];
  readonly mem_limit?: string | number;
  readonly healthcheck?: { readonly test: readonly unknown[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly unknown[];
  readonly ports?: readonly unknown[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
}

const TOOLS = [['docker-compose'], ['docker', 'compose']] as const;

/** How to call Docker Compose here; it needs no engine to read a file. */
export function composeTool(): readonly string[] | undefined {
  return TOOLS.find(([command, ...args]) => run(command, [...args, 'version']).ok);
}

/** What Docker Compose makes of the file, or says against it. */
export function validate(tool: readonly string[], file: string): { ok: boolean; said: string } {
  const [command = '', ...args] = tool;
  return run(command, [...args, '-f', file, 'config']);
}

/** The file itself, with what it merges from elsewhere in it. */
export function readCompose(file: string): Compose {
  return parse(readFileSync(file, 'utf8'));
}

export function parse(text: string): Compose {
  const value = load(text, { schema: YAML11_SCHEMA });
  if (!isCompose(value)) throw new Error('a compose file has services and networks');
  return value;
}

function isCompose(value: unknown): value is Compose {
  return typeof value === 'object' && value !== null && 'services' in value && 'networks' in value;
}

/** What is wrong with a file by itself: names that lead nowhere. */
export function complaints({ services, networks }: Compose): string[] {
  return Object.entries(services).flatMap(([name, service]) => [
    ...networksOf(service)
      .filter((network) => !(network in networks))
      .map((network) => `${name}: no network ${network}`),
    ...Object.keys(service.depends_on ?? {})
      .filter((other) => !(other in services))
      .map((other) => `${name}: no service ${other}`),
    ...(service.healthcheck?.test ?? [])
      .filter((word) => typeof word !== 'string')
      .map((word) => `${name}: no word ${JSON.stringify(word)}`),
    ...(service.image ? [] : [`${name}: no image`]),
  ]);
}

function networksOf({ networks = [] }: Service): readonly string[] {
  return isList(networks) ? networks : Object.keys(networks);
}

function isList(value: Service['networks']): value is readonly string[] {
  return Array.isArray(value);
}
