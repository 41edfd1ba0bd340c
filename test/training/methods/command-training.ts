import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const RXDEPTH = fileURLToPath(new URL('../../../bin/rxdepth.js', import.meta.url));

/** The command line, as a user has it. */
export const rxdepth = (...args: string[]) => promisify(execFile)(process.execPath, [RXDEPTH, ...args]);

/** Trainings of one method by the command line, each in a folder of its own. */
export class CommandTraining {
  readonly #folder: string;
  readonly #args: readonly string[];

  /** @param folder of all runs. @param args of the command, but for where the run and its data are. */
  constructor(folder: string, args: readonly string[]) {
    this.#folder = folder;
    this.#args = args;
  }

  async run(name: string, ...more: string[]): Promise<void> {
    await rxdepth(...this.#command(name), ...more);
  }

  /** Kills a training as soon as it has said something, whatever it does then. */
  async killed(name: string, when: string): Promise<void> {
    const child = spawn(process.execPath, [RXDEPTH, ...this.#command(name)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_code, signal) => resolve(signal));
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
      if (said.includes(when)) child.kill('SIGKILL');
    });
    if ((await ended) !== 'SIGKILL') throw new Error(`expected a run that is killed, it said: ${said}`);
  }

  /** What a run leaves: the log without its times, and the files of these folders but for the state, which has times. */
  left(name: string, folders: readonly string[]): Record<string, string> {
    const run = path.join(this.#folder, name);
    const [header = '', ...lines] = readFileSync(path.join(run, 'log.csv'), 'utf8').trim().split('\n');
    const kept = header.split(',').map((column) => !column.endsWith('Ms'));
    const log = lines.map((line) =>
      line
        .split(',')
        .filter((_, i) => kept[i])
        .join(),
    );
    const files = folders.flatMap((folder) =>
      readdirSync(path.join(run, folder))
        .filter((file) => file !== 'state.json')
        .map((file) => path.join(folder, file)),
    );
    const contents = files.map((file) => [file, readFileSync(path.join(run, file), 'base64')] as const);
    return { header, log: log.join('\n'), ...Object.fromEntries(contents) };
  }

  #command(name: string): string[] {
    const data = path.join(this.#folder, 'data');
    return ['train', ...this.#args, '-o', path.join(this.#folder, name), '--data-folder', data];
  }
}
