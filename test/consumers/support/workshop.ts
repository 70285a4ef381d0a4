import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from './run.js';

const ROOT = join(__dirname, '../../..');
const APPS = join(__dirname, '../apps');

export type AppName = 'nest11-jest' | 'nest11-node10' | 'nest12-vitest';

/** A folder outside of the repository in which applications are made that have the package as a user has it. */
export class Workshop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'datapunk-consumers-'));

  /** Builds and packs the package. */
  async pack(): Promise<string> {
    const said = await succeed(ROOT, 'npm', 'pack', '--pack-destination', this.folder, '--json', '--loglevel=error');
    const { filename } = /"filename": "(?<filename>[^"]+)"/.exec(said)?.groups ?? {};
    if (filename === undefined) throw new Error(`npm pack named no file: ${said}`);
    return join(this.folder, filename);
  }

  /** Copies an application's files and installs it with the tarball. */
  async install(name: AppName, tarball: string): Promise<string> {
    const app = join(this.folder, name);
    mkdirSync(app);
    cpSync(join(APPS, name), app, { recursive: true });
    cpSync(join(APPS, 'shared'), join(app, 'src'), { recursive: true });
    writeFileSync(join(app, 'tsconfig.refused.json'), JSON.stringify(REFUSED));
    await succeed(app, 'npm', 'install', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error', tarball);
    return app;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const REFUSED = {
  extends: './tsconfig.json',
  compilerOptions: { noEmit: true },
  files: ['src/refused.ts'],
  include: [],
  exclude: [],
};
