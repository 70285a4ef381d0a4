/**
 * Whether a hit in memory has become slower since another commit: `npm run build && node bench/since.mjs <commit>`. Both
 * builds, `readThrough` and `get`, one caller, 1,000 keys, in many processes.
 */
import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { alteredBuild, DIST } from './support/altered-build.mjs';
import { inManyProcesses } from './support/many-processes.mjs';
import { interleave, median, ratios } from './support/measure.mjs';

const require = createRequire(import.meta.url);
const FILE = fileURLToPath(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The build of a commit, where packages are found as by ours. The caller removes it. */
function buildOf(commit) {
  const path = mkdtempSync(join(tmpdir(), 'since-'));
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  git('worktree', 'add', '--detach', path, commit);
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
    execFileSync('npm', ['run', 'build'], { cwd: path, stdio: ['ignore', 'ignore', 'inherit'] });
    const copy = mkdtempSync(join(DIST, 'altered-'));
    cpSync(join(path, 'dist'), copy, { recursive: true });
    return copy;
  } finally {
    git('worktree', 'remove', '--force', path);
  }
}

async function measure(sides, floor) {
  const keys = Array.from({ length: 1_000 }, (_, id) => `product:${id}`);
  const load = async () => ({ id: 1, name: 'loaded', price: 1 });
  const variants = {};
  for (const side of sides) {
    const [path, verb] = side.split('#');
    const { DatapunkCacheModule, CacheService } = require(path);
    class App {}
    Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench' })] })(App);
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    const cache = app.get(CacheService);
    for (const key of keys) await cache.readThrough(key, load);
    variants[side] =
      verb === 'get'
        ? async (count) => {
            for (let at = 0; at < count; at += 1) await cache.get(keys[at % keys.length]);
          }
        : async (count) => {
            for (let at = 0; at < count; at += 1) await cache.readThrough(keys[at % keys.length], load);
          };
  }
  const times = await interleave(variants, { rounds: 21, count: 100_000 });
  const other = sides.find((side) => side !== floor);
  console.log(JSON.stringify({ ratio: ratios(times, floor)[other], ns: median(times[floor]) }));
  process.exit();
}

function compare(commit) {
  const builds = [buildOf(commit), alteredBuild([]), buildOf(commit)];
  const [before, now, again] = builds;
  try {
    const rows = ['readThrough', 'get'].map((verb) => {
      const [floor, ours, twin] = [before, now, again].map((path) => `${path}#${verb}`);
      const { ratio, ns } = inManyProcesses(FILE, floor, ours);
      const noise = inManyProcesses(FILE, floor, twin).ratio;
      return [verb, { 'ns/call before': Math.round(ns), '× now': ratio.toFixed(3), '× the same': noise.toFixed(3) }];
    });
    console.table(Object.fromEntries(rows));
  } finally {
    for (const path of builds) rmSync(path, { recursive: true, force: true });
  }
}

const [, , what, floor, ...sides] = process.argv;
if (what === 'measure') await measure(sides, floor);
else if (what === undefined) throw new Error('Say which commit: node bench/since.mjs <commit>');
else compare(what);
