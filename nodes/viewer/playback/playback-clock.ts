import { setTimeout as sleep } from 'node:timers/promises';
import { type Observable, Subject } from 'rxjs';
import type { Playback, PlaybackChange, PlaybackCommand, PlaybackState } from './playback.js';

const LEAST_SPEED = 0.05;
const MOST_SPEED = 20;
const MOST_CATCH_UP_MS = 200;
/** Longest sleep before the clock is looked at again, milliseconds. */
const LONGEST_SLEEP_MS = 60_000;

export interface PlaybackClockOptions {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly speed?: number;
  readonly paused?: boolean;
}

/**
 * The time of a recording that is played. Reading asks it before every message (`due`); a seek ends the reading, which then
 * begins again from `state.timeNs` (`restart$`).
 *
 * While it is paused, one frame passes for every step, seek or `refresh`.
 */
export class PlaybackClock implements Playback {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly #changes = new Subject<PlaybackChange>();
  readonly #times = new Subject<bigint>();
  readonly #restarts = new Subject<void>();
  #status: PlaybackState['status'];
  #speed: number;
  #timeNs: bigint;
  /** Where the clock was set, and when. */
  #anchor: { readonly timeNs: bigint; readonly wallMs: number };
  /** Frames that may pass while it is paused. */
  #credit = 1;
  /** Messages logged up to then passed already. */
  #passedNs: bigint;
  /** Ends the waiting of `due`, to look again. */
  #changed = new AbortController();

  constructor({ startNs, endNs, speed = 1, paused = false }: PlaybackClockOptions) {
    this.startNs = startNs;
    this.endNs = endNs;
    this.#speed = limited(speed);
    this.#status = paused ? 'paused' : 'playing';
    this.#timeNs = startNs;
    this.#passedNs = -1n;
    this.#anchor = { timeNs: startNs, wallMs: performance.now() };
  }

  get state(): PlaybackState {
    return { status: this.#status, timeNs: this.#timeNs, speed: this.#speed };
  }

  /** The frame that passed last since reading began; -1 before the first. */
  get passedNs(): bigint {
    return this.#passedNs;
  }

  get change$(): Observable<PlaybackChange> {
    return this.#changes;
  }

  get time$(): Observable<bigint> {
    return this.#times;
  }

  /** Emits when reading has to begin again from `state.timeNs`. */
  get restart$(): Observable<void> {
    return this.#restarts;
  }

  control({ play, speed, seekNs, step, requestId = '' }: PlaybackCommand): void {
    if (speed !== undefined && Number.isFinite(speed) && speed > 0) this.#speed = limited(speed);
    const wasEnded = this.#status === 'ended';
    const backToStart = wasEnded && play === true && seekNs === undefined;
    const target = backToStart ? this.startNs : seekNs;
    if (step) {
      this.#status = wasEnded ? 'ended' : 'paused';
      if (!wasEnded) this.#credit += 1;
    } else if (play !== undefined) this.#status = play ? 'playing' : wasEnded ? 'ended' : 'paused';
    if (target !== undefined) {
      this.#timeNs = target < this.startNs ? this.startNs : target > this.endNs ? this.endNs : target;
      this.#begin();
      if (this.#status === 'ended') this.#status = 'paused';
    }
    this.#anchor = { timeNs: this.#timeNs, wallMs: performance.now() };
    this.#changes.next({ state: this.state, didSeek: target !== undefined, requestId });
    this.#wake();
    if (target !== undefined) this.#restarts.next();
  }

  /** Shows the frame of this moment once more: somebody wants to see something of it that was not computed. */
  refresh(): void {
    if (this.#status === 'playing') return;
    this.#begin();
    this.#wake();
    this.#restarts.next();
  }

  /** Everything was read. */
  ended(): void {
    if (this.#status === 'ended') return;
    // Paused at the last frame: that it is the last one shows when somebody goes on.
    this.#status = 'ended';
    this.#changes.next({ state: this.state, didSeek: false, requestId: '' });
  }

  /**
   * Resolves when a message may pass; `signal` ends the waiting.
   * @param isFrame whether a step stops there; other messages pass while it is paused, up to the next frame
   */
  async due(logTimeNs: bigint, isFrame: boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#status === 'playing') {
        const waitMs = this.#dueMs(logTimeNs) - performance.now();
        if (waitMs < 1) break;
        await this.#pause(Math.min(waitMs, LONGEST_SLEEP_MS), signal);
      } else {
        if (!isFrame || logTimeNs <= this.#passedNs) break;
        if (this.#credit > 0) {
          this.#credit -= 1;
          break;
        }
        await this.#pause(LONGEST_SLEEP_MS, signal);
      }
    }
    if (signal.aborted || !isFrame) return;
    if (logTimeNs > this.#passedNs) this.#passedNs = logTimeNs;
    if (logTimeNs === this.#timeNs) return;
    this.#timeNs = logTimeNs;
    // A little late is caught up with; a machine that was held up shall not hurry afterwards.
    const nowMs = performance.now();
    const dueMs = this.#dueMs(logTimeNs);
    const isLittle = this.#status === 'playing' && nowMs - dueMs < MOST_CATCH_UP_MS;
    this.#anchor = { timeNs: logTimeNs, wallMs: isLittle ? dueMs : nowMs };
    this.#times.next(logTimeNs);
  }

  #dueMs(logTimeNs: bigint): number {
    return this.#anchor.wallMs + Number(logTimeNs - this.#anchor.timeNs) / 1e6 / this.#speed;
  }

  /** Reading begins again. */
  #begin(): void {
    this.#credit = 1;
    this.#passedNs = -1n;
  }

  #wake(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#changed.signal]);
    await sleep(ms, undefined, { signal: either }).catch(() => {});
  }
}

function limited(speed: number): number {
  return Math.min(MOST_SPEED, Math.max(LEAST_SPEED, speed));
}
