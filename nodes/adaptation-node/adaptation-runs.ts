import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { packageRoot } from '../../models/package-root.js';
import { formatVersionId, isSameVersion } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { adaptationArguments } from '../../msgs/adaptation/adaptation-arguments.js';
import type { AdaptationRequest } from '../../msgs/adaptation/adaptation-request.js';
import { ADAPTATION_STATE } from '../../msgs/adaptation-status.js';
import { cameraArguments } from '../../msgs/camera/camera-arguments.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { runWhenIdle } from './run-when-idle.js';

export interface AdaptationReport {
  /** One of `ADAPTATION_STATE`. */
  readonly state: number;
  readonly bag: string;
  readonly message: string;
  readonly elapsedSeconds: number;
}

export interface AdaptationRunsOptions {
  /** Starts a run over bags; replaced in tests. */
  readonly start?: (bags: readonly string[]) => ChildProcess;
  /** Time of a run, minutes; default that of `rxdepth adapt`. */
  readonly minutes?: number;
  /** What is said of the camera of the drives, asked at the start of a run. */
  readonly camera?: () => CameraSettings;
  /** What else is asked of every run. */
  readonly request?: AdaptationRequest;
  readonly store?: Pick<VersionStore, 'current'>;
  readonly now?: () => number;
}

/** `rxdepth adapt` ended well, and the judge did not promote: nothing was changed. */
const EXIT_NOT_PROMOTED = 3;
const LONGEST_LINE = 1000;
const STOP_MS = 15_000;

/**
 * Adapts in a process of its own (`rxdepth adapt`), one run at a time. What came of it is told by the model store: a run
 * that promoted its candidate has changed the current version.
 */
export class AdaptationRuns {
  readonly #options: Required<Omit<AdaptationRunsOptions, 'minutes' | 'camera' | 'request'>>;
  #child: ChildProcess | undefined;
  #stopped = false;
  #report: AdaptationReport = { state: ADAPTATION_STATE.IDLE, bag: '', message: '', elapsedSeconds: 0 };
  #startedMs = 0;

  constructor({
    start,
    store = new VersionStore(),
    now,
    minutes,
    camera,
    request,
  }: AdaptationRunsOptions = {}) {
    this.#options = {
      ...{
        start: start ?? ((bags) => startAdapt(adaptArguments(bags, minutes, camera?.(), request))),
        store,
      },
      now: now ?? (() => performance.now()),
    };
  }

  /** The process of the run that is going on. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether the run, that is going on or was the last one, was told to end. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get report(): AdaptationReport {
    return this.#child === undefined ? this.#report : { ...this.#report, elapsedSeconds: this.#elapsed() };
  }

  /**
   * Starts a run.
   * @param ended is told the state in which the run ended
   * @returns why none was started
   */
  async start(bags: readonly string[], ended: (state: number) => void): Promise<string | undefined> {
    if (this.#child !== undefined) return `a run on ${this.#report.bag} is going on`;
    if (bags.length === 0) return '`bags`: expected `at least one bag`, got none';
    const { start, store, now } = this.#options;
    const child = start(bags);
    this.#child = child;
    this.#stopped = false;
    this.#startedMs = now();
    this.#say(ADAPTATION_STATE.RUNNING, bags.join(', '), 'started');
    const before = store.current();
    before.catch(() => {}); // told at the end
    const follow = (chunk: Buffer) => {
      const line = chunk
        .toString()
        .split(/[\r\n]+/)
        .filter((text) => text.trim() !== '')
        .at(-1);
      if (line !== undefined)
        this.#say(ADAPTATION_STATE.RUNNING, this.#report.bag, line.slice(0, LONGEST_LINE));
    };
    child.stdout?.on('data', follow);
    child.stderr?.on('data', follow);
    const end = async (failure: string | undefined) => {
      if (this.#child !== child) return;
      const state = failure === undefined ? await this.#outcome(before) : ADAPTATION_STATE.FAILED;
      this.#child = undefined;
      const { bag, message } = this.#report;
      this.#say(state, bag, failure ?? message);
      ended(state);
    };
    child.once('error', (error) => void end(`\`rxdepth adapt\` cannot be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const last = this.#report.message;
      const well = code === 0 || code === EXIT_NOT_PROMOTED;
      const said = this.#stopped ? 'stopped on request' : last;
      void end(well ? undefined : `${said} (ended by ${signal ?? `exit code ${code}`})`);
    });
    return undefined;
  }

  /**
   * Ends the run that is going on; the current model stays valid.
   * @param patienceMs after which it is killed, milliseconds: on a busy machine it gets too little of the processor to end
   */
  stop(patienceMs: number = STOP_MS): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#stopped = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    child.once('exit', () => clearTimeout(timer));
  }

  async #outcome(before: Promise<Awaited<ReturnType<VersionStore['current']>>>): Promise<number> {
    try {
      const [old, current] = [await before, await this.#options.store.current()];
      if (isSameVersion(old, current)) return ADAPTATION_STATE.REJECTED;
      this.#say(this.#report.state, this.#report.bag, `${formatVersionId(current)} is current now`);
      return ADAPTATION_STATE.PROMOTED;
    } catch (error) {
      this.#say(this.#report.state, this.#report.bag, (error as Error).message);
      return ADAPTATION_STATE.FAILED;
    }
  }

  #say(state: number, bag: string, message: string): void {
    this.#report = { state, bag, message, elapsedSeconds: this.#elapsed() };
  }

  #elapsed(): number {
    return (this.#options.now() - this.#startedMs) / 1000;
  }
}

/** The command of a run over bags, without the program. */
export function adaptArguments(
  bags: readonly string[],
  minutes?: number,
  camera: CameraSettings = {},
  request: AdaptationRequest = {},
): string[] {
  const time = minutes === undefined ? [] : ['--minutes', String(minutes)];
  return [
    'adapt',
    ...bags,
    ...adaptationArguments(request),
    '--priority',
    '19',
    ...time,
    ...cameraArguments(camera),
  ];
}

function startAdapt(args: readonly string[]): ChildProcess {
  const program = path.join(packageRoot(), 'dist', 'bin', 'rxdepth.js');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Perception keeps its rate.
  if (child.pid !== undefined) runWhenIdle(child.pid);
  return child;
}
