import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { StepTiming } from './protocol.js';

/** A process that takes training steps when told to, and waits in between: contestants can take turns. */
export class Contestant {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess, answers: AsyncIterator<string>) {
    this.name = name;
    this.#process = child;
    this.#answers = answers;
  }

  /** Starts a program; ready when it has written its first line. */
  static async start(name: string, command: string, args: readonly string[]): Promise<Contestant> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const contestant = new Contestant(name, child, lines[Symbol.asyncIterator]());
    await contestant.#answer();
    return contestant;
  }

  async step(): Promise<StepTiming> {
    return (await this.#ask('step')) as StepTiming; // of our own programs
  }

  /** Writes d loss / d parameter as safetensors. */
  async gradients(file: string): Promise<void> {
    await this.#ask(`gradients ${file}`);
  }

  async end(): Promise<void> {
    this.#process.stdin?.end();
    if (this.#process.exitCode === null) await new Promise((resolve) => this.#process.once('exit', resolve));
  }

  #ask(line: string): Promise<unknown> {
    this.#process.stdin?.write(`${line}\n`);
    return this.#answer();
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${this.name} ended without an answer`);
    return JSON.parse(value);
  }
}
