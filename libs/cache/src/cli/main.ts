#!/usr/bin/env node
import { run } from './run.js';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const screen = { out: (text: string) => void process.stdout.write(text), isColoured };

run(process.argv.slice(2), { screen, env: process.env }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  },
);
