import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Outcome } from './run.js';

/** No questions, and no service that starts because its package came. */
const QUIET = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

export const isDebian = (): boolean => existsSync('/etc/debian_version');

/** Installs packages for the whole machine. Needs root. */
export function install(packages: readonly string[]): Outcome {
  const updated = inTurn(['-q', 'update']);
  return updated.ok ? inTurn(['-q', '-y', '--no-install-recommends', 'install', ...packages]) : updated;
}

/** One at a time on a machine: another suite may be installing as well. */
function inTurn(args: readonly string[], tries = 60): Outcome {
  const done = run('apt-get', args, { env: QUIET });
  if (done.ok || tries === 0 || !/could not get lock|unable to lock/i.test(done.said)) return done;
  run('sleep', ['2']);
  return inTurn(args, tries - 1);
}

/**
 * Unpacks packages, and what they need and this machine lacks, into `folder`, which appears whole or not at all.
 * Needs no root; a machine without package lists gets its own copy of them for the time of the download.
 */
export function unpack(packages: readonly string[], folder: string): Outcome {
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const root = join(work, 'root');
    const outcome = download(packages, work);
    if (!outcome.ok) return outcome;
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      const unpacked = run('dpkg', ['-x', join(work, file), root]);
      if (!unpacked.ok) return unpacked;
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(root, folder);
    return outcome;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(packages: readonly string[], work: string): Outcome {
  const known = downloadWith([], packages, work);
  if (known.ok) return known;
  const lists = join(work, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${work}`];
  const updated = run('apt-get', [...own, '-q', 'update']);
  return updated.ok ? downloadWith(own, packages, work) : updated;
}

function downloadWith(options: readonly string[], packages: readonly string[], work: string): Outcome {
  const plan = run('apt-get', [...options, '-s', '--no-install-recommends', 'install', ...packages]);
  const missing = [...plan.said.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
  return run('apt-get', [...options, '-q', 'download', ...new Set([...packages, ...missing])], { cwd: work });
}
