import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Ends the servers of a process that was itself ended, whatever ended it: the shell below reads from a pipe which
 * closes with its parent. It hears of every server by id, and touches no other process.
 */
const SCRIPT = `
trap '' HUP INT TERM
alive=' '
while read -r verb pid; do
  case $verb in
    born) alive="$alive$pid " ;;
    gone) alive="\${alive%%" $pid "*} \${alive#*" $pid "}" ;;
  esac
done
for pid in $alive; do kill -KILL "$pid"; done 2>/dev/null
rm -rf "$1"
`;

interface Reaper {
  /** under which every server of this process keeps its data; goes with the process */
  readonly folder: string;
  readonly shell: ChildProcess;
}

let reaper: Reaper | undefined;

function wake(): Reaper {
  const folder = mkdtempSync(join(tmpdir(), 'datapunk-redis-'));
  const shell = spawn('sh', ['-c', SCRIPT, 'reaper', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  if (shell.stdin && 'unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return { folder, shell };
}

/** A fresh folder for the data of one server. */
export function dataFolder(): string {
  reaper ??= wake();
  return mkdtempSync(join(reaper.folder, 'server-'));
}

export function tell(verb: 'born' | 'gone', pid: number): void {
  reaper ??= wake();
  reaper.shell.stdin?.write(`${verb} ${pid}\n`);
}

/** The process id of the reaper, for the spec that ends its parent. */
export function reaperPid(): number | undefined {
  return reaper?.shell.pid;
}
