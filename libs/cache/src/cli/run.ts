import { CacheError } from '../core/errors.js';
import { doctor } from './commands/doctor.js';
import { USAGE_CODE, UsageError, type Command, type Surroundings } from './command.js';

const COMMANDS: readonly Command[] = [doctor];

const HELP = [
  'Usage: datapunk-cache <command> [options]',
  '',
  'Commands:',
  ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`),
  '',
  'datapunk-cache <command> --help says more.',
  '',
].join('\n');

/** Runs the command that the words name. @returns the exit code. */
export async function run(words: readonly string[], { screen, env }: Surroundings): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--help' || name === '-h' || name === 'help') {
    screen.out(HELP);
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  try {
    if (command === undefined) throw new UsageError(unknown(name));
    if (rest.includes('--help') || rest.includes('-h')) {
      screen.out(command.help);
      return 0;
    }
    return await command.run(rest, { screen, env });
  } catch (error) {
    process.stderr.write(`${complaint(error, command)}\n`);
    return USAGE_CODE;
  }
}

/** What to say of an error that is the user's to mend. */
function complaint(error: unknown, command: Command | undefined): string {
  // That ioredis is not installed, say.
  if (error instanceof CacheError) return error.message.replace(/^forRoot\.redis: /, '');
  if (!(error instanceof UsageError)) throw error;
  const more = command === undefined ? '' : ` ${command.name}`;
  return `${error.message}\nSee: datapunk-cache${more} --help`;
}

function unknown(name: string | undefined): string {
  const known = COMMANDS.map((one) => one.name).join(', ');
  return name === undefined
    ? `There is no command. Commands: ${known}.`
    : `There is no command '${name}'. Commands: ${known}.`;
}
