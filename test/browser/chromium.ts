import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { install, isDebian } from '../support/redis/debian.js';

const INSTALLED = '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Headless Chromium with a fresh profile (Playwright makes and removes it). */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS });
}

/** CHROMIUM_BIN, else Debian's. Never skips: a page that no browser has seen is not tested. */
function findChromium(): string {
  const chosen = process.env.CHROMIUM_BIN;
  if (chosen) {
    if (!existsSync(chosen)) throw new Error(`CHROMIUM_BIN is '${chosen}', and there is no such file`);
    return chosen;
  }
  if (!existsSync(INSTALLED)) installChromium();
  return INSTALLED;
}

function installChromium(): void {
  const root = process.getuid?.() === 0;
  const installed = root && isDebian() && install(['chromium']).ok;
  if (!installed || !existsSync(INSTALLED)) {
    throw new Error(
      'The browser tests need Chromium: install it (on Debian: apt-get install chromium) or set CHROMIUM_BIN to its path',
    );
  }
}
