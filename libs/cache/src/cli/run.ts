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
    if (!(error instanceof UsageError)) throw error;
    const more = command === undefined ? '' : ` ${command.name}`;
    process.stderr.write(`${error.message}\nSee: datapunk-cache${more} --help\n`);
    return USAGE_CODE;
  }
}

function unknown(name: string | undefined): string {
  const known = COMMANDS.map((one) => one.name).join(', ');
  return name === undefined
    ? `There is no command. Commands: ${known}.`
    : `There is no command '${name}'. Commands: ${known}.`;
}
