/** Where a command writes, and whether somebody looks at it. */
export interface Screen {
  out(text: string): void;
  /** Whether it is a terminal that shows colours. */
  readonly isColoured: boolean;
}

/** What is known beside the words of the command line. */
export interface Surroundings {
  readonly screen: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One word behind `datapunk-cache`. */
export interface Command {
  readonly name: string;
  /** In one line, for the list of commands. */
  readonly summary: string;
  /** What `--help` shows. */
  readonly help: string;
  /**
   * @returns the exit code.
   * @throws {UsageError} for words that it does not understand.
   */
  run(words: readonly string[], surroundings: Surroundings): Promise<number>;
}

/** The command line is not understood; the message says what to write. */
export class UsageError extends Error {}

/** Beyond those by which commands tell what they found: EX_USAGE of sysexits.h. */
export const USAGE_CODE = 64;
