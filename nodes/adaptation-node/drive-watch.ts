import path from 'node:path';
import { ADAPTATION_STATE } from '../../msgs/adaptation-status.js';
import { LockedError } from '../../msgs/files/locked-error.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { identityOf, isAlive } from '../../msgs/files/process-identity.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import type { AdaptationRuns } from './adaptation-runs.js';
import { type DriveEntry, DriveJournal } from './drive-journal.js';
import { type FoundDrive, findDrives } from './find-drives.js';

export interface DriveWatchOptions {
  /** Folder in which recordings appear. */
  readonly folder: string;
  readonly runs: AdaptationRuns;
  /** Recordings that guard: they are no drives to learn from, if they lie in the folder. */
  readonly guards?: readonly string[] | undefined;
  /** $RXDEPTH_HOME: the journal lies there, and the lock of adaptations. */
  readonly home: string;
  /** A recording is complete when it did not change for so long, seconds; default 20. */
  readonly settleSeconds?: number;
  /** How often the folder is looked at, seconds; default 5. */
  readonly periodSeconds?: number;
  readonly say: (text: string) => void;
  /** Told the state in which each run ended, instead of `say`. */
  readonly ended?: (state: number) => void;
}

/** A drive whose runs fail, or are killed, is left after so many. */
const MOST_ATTEMPTS = 2;

/**
 * Adapts to every drive that appears in a folder, one after the other, oldest first, each once. What was done is written down
 * before and after each run. A kill at any moment costs the run that was going on, which is begun again.
 */
export class DriveWatch {
  readonly #options: DriveWatchOptions;
  readonly #journal: DriveJournal;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #run: Promise<void> = Promise.resolve();
  /** Runs that ended and are not in the journal yet. */
  readonly #ended: { readonly name: string; readonly entry: DriveEntry }[] = [];
  #trouble = '';

  constructor(options: DriveWatchOptions) {
    this.#options = options;
    this.#journal = new DriveJournal(options.home);
  }

  /** Begins to watch, or goes on after `pause`. */
  begin(): void {
    if (this.#timer !== undefined) return;
    const { periodSeconds = 5 } = this.#options;
    this.#timer = setInterval(() => this.#look(), periodSeconds * 1000);
    this.#look();
  }

  /**
   * Takes no further drive, and ends the run that is going on: it is begun again after `begin`.
   * @param patienceMs after which the run is killed; default as `AdaptationRuns.stop`
   */
  async pause(patienceMs?: number): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking;
    this.#options.runs.stop(patienceMs);
    await this.#run;
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#looking
      .then(() => this.#next())
      .then(
        () => {
          this.#trouble = '';
        },
        (error: Error) => {
          // The same trouble is told once.
          if (this.#trouble !== error.message) this.#options.say(error.message);
          this.#trouble = error.message;
        },
      );
  }

  async #next(): Promise<void> {
    const { folder, runs, guards, settleSeconds = 20 } = this.#options;
    // First: a look that waited while the run ended would take the same drive again, and its attempt would be lost.
    await this.#writeDown();
    if (this.#timer === undefined || runs.pid !== undefined) return;
    await this.#endOrphan();
    const { drives } = await this.#journal.read();
    const settled = Date.now() - settleSeconds * 1000;
    const drive = (await findDrives(folder, guards)).find(({ path: name, bytes, changedMs }) => {
      const entry = drives[name];
      if (changedMs > settled || bytes === 0) return false;
      if (entry === undefined || entry.bytes !== bytes) return true;
      const open = entry.state === undefined || entry.state === ADAPTATION_STATE.FAILED;
      return open && entry.attempts < MOST_ATTEMPTS;
    });
    if (drive !== undefined && (await this.#isFree())) await this.#adapt(drive);
  }

  /** Resolves when the run has begun; its end is written down later. */
  async #adapt({ path: name, bytes }: FoundDrive): Promise<void> {
    const { runs, say, ended } = this.#options;
    const journal = await this.#journal.read();
    const known = journal.drives[name];
    const attempts = (known?.bytes === bytes ? known.attempts : 0) + 1;
    const entry = { bytes, attempts, message: '' };
    await this.#journal.write({ drives: { ...journal.drives, [name]: entry } });
    let over: () => void = () => {};
    const refusal = await runs.start([name], (state) => {
      over();
      // A run that was stopped on purpose is no failure of its drive.
      const stopped = this.#timer === undefined;
      const { message } = runs.report;
      const outcome = stopped ? { ...entry, attempts: attempts - 1 } : { ...entry, state, message };
      this.#ended.push({ name, entry: outcome });
      if (ended !== undefined) ended(state);
      else say(`${name}: ${stopped ? 'stopped' : message}`);
      this.#look();
    });
    if (refusal !== undefined) return;
    this.#run = new Promise((resolve) => {
      over = resolve;
    });
    say(`${name}: adapting${attempts > 1 ? `, attempt ${attempts}` : ''}`);
    const { pid } = runs;
    if (pid === undefined) return;
    const { drives } = await this.#journal.read();
    await this.#journal.write({ drives, running: identityOf(pid) });
  }

  async #writeDown(): Promise<void> {
    for (let run = this.#ended[0]; run !== undefined; run = this.#ended[0]) {
      const { drives } = await this.#journal.read();
      await this.#journal.write({ drives: { ...drives, [run.name]: run.entry } });
      this.#ended.shift();
    }
  }

  /** The run of a watch that was killed goes on without anybody: it is ended, and its drive begun again. */
  async #endOrphan(): Promise<void> {
    const { running, drives } = await this.#journal.read();
    if (running === undefined) return;
    if (isAlive(running) === true) {
      this.#options.say(`ending the run of an earlier process (${running.pid})`);
      process.kill(running.pid, 'SIGKILL');
      while (isAlive(running) === true) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this.#journal.write({ drives });
  }

  /** Whether nobody else adapts on this machine. */
  async #isFree(): Promise<boolean> {
    const { home } = this.#options;
    try {
      await makeFolder(home);
      const file = path.join(home, '.adapting');
      const lock = await ProcessLock.acquire(file, { waitMs: 0, what: `adaptations in ${home}` });
      await lock.release();
      return true;
    } catch (error) {
      if (error instanceof LockedError) return false;
      throw error;
    }
  }
}
