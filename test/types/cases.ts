import { readFileSync } from 'node:fs';
import { FIXTURES, type Diagnostic } from './compilers.js';

/** What the compiler said of each case of a fixture, our sentence where there is one. */
export type Refusals = Readonly<Record<string, string>>;

const CASE = /^\s*\/\/ case: (?<name>.+)$/;
const OURS = /(?:parameter of type|assignable to type) '(?<type>"[^]*")'\.$/m;
const LITERAL = /"(?<sentence>[^"]* [^"]*)"(?: \| |$)/g;

/** Reads a fixture whose cases begin with `// case:` lines, and gives each case what was said of its lines. */
export function refusals(fixture: string, diagnostics: readonly Diagnostic[]): Refusals {
  const names = readFileSync(`${FIXTURES}${fixture}`, 'utf8')
    .split('\n')
    .map((line) => CASE.exec(line)?.groups?.['name']);
  const said = new Map<string, string[]>(names.flatMap((name) => (name === undefined ? [] : [[name, []]])));
  for (const diagnostic of diagnostics.filter(({ file }) => file.endsWith(fixture))) {
    const name = names.slice(0, diagnostic.line).findLast((one) => one !== undefined);
    if (name === undefined) throw new Error(`line ${diagnostic.line} belongs to no case: ${diagnostic.text}`);
    said.get(name)?.push(sentence(diagnostic));
  }
  return Object.fromEntries([...said].map(([name, all]) => [name, all.length === 0 ? NOT_REFUSED : all.join(' && ')]));
}

export const NOT_REFUSED = '(compiles)';

/** The words of the compiler itself differ between versions; its code does not. */
function sentence({ code, text }: Diagnostic): string {
  const type = OURS.exec(text)?.groups?.['type'] ?? '';
  const ours = [...type.matchAll(LITERAL)].map((match) => match.groups?.['sentence']);
  return ours.length === 0 ? `(${code})` : ours.join(' | ');
}

/** An operation is a name and no template. */
const TEMPLATE = /(?:@(?!Retried\b)\w+|(?<definition>defineKey))\((?:\{ key: )?'(?<template>[^']*)'/;

/** The template of each case that has one, and whether its holes are places or names. */
export function templates(fixture: string): readonly { name: string; template: string; kind: 'place' | 'name' }[] {
  const [, ...cases] = readFileSync(`${FIXTURES}${fixture}`, 'utf8').split(/^\s*\/\/ case: /m);
  return cases.flatMap((text) => {
    const { template, definition } = TEMPLATE.exec(text)?.groups ?? {};
    const name = text.slice(0, text.indexOf('\n'));
    return template === undefined ? [] : [{ name, template, kind: definition === undefined ? 'place' : 'name' }];
  });
}
