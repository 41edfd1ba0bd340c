import { availableParallelism } from 'node:os';
import type { ViewMessage } from './view-message.js';

export interface ViewPaceOptions {
  /** Whether what viewers take is missing elsewhere. */
  readonly scarce: () => boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Default: those of this machine. */
  readonly cores?: number;
}

interface Held {
  readonly message: ViewMessage;
  readonly takers: ((message: ViewMessage) => void)[];
}

/** Share of the cores' time that viewers get where it is scarce. */
const SHARE = 0.015;
/** The thread that serves viewers is the one that moves the node's messages: of many cores, it is still one. */
const MOST_CORES = 2;
/** Nobody waits longer for a picture, milliseconds, whatever it cost to make the last one. */
const LONGEST_WAIT_MS = 4000;
/** Smaller messages always pass. */
const SMALL_BYTES = 16 << 10;

/**
 * What viewers may cost. While processor time is scarce, they get a fixed share of it. The work for them is measured, and
 * until it is paid for, of each topic the newest message waits. Nobody misses the last one. Else everything passes at once.
 *
 * Every topic passes once a round, and a round begins when the last one is paid for: all panels go on together.
 */
export class ViewPace {
  readonly #scarce: () => boolean;
  readonly #now: () => number;
  /** Milliseconds of work in a millisecond. */
  readonly #rate: number;
  readonly #held = new Map<string, Held>();
  /** By topic: memory for what waits and cannot be kept where it is. */
  readonly #slots = new Map<string, Uint8Array>();
  /** Topics that passed in this round. */
  readonly #passed = new Set<string>();
  /** Work that is not paid for, milliseconds. */
  #debtMs = 0;
  #paidMs: number;
  #isMeasuring = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ scarce, now = () => performance.now(), cores = availableParallelism() }: ViewPaceOptions) {
    this.#scarce = scarce;
    this.#now = now;
    this.#rate = SHARE * Math.min(cores, MOST_CORES);
    this.#paidMs = now();
  }

  /** Hands a message to one who looks: now, or, if no newer one of its topic comes until then, later. */
  pass(message: ViewMessage, take: (message: ViewMessage) => void): void {
    const held = this.#held.get(message.channel.topic);
    if (held?.message === message) held.takers.push(take);
    else if (message.once('passes', () => this.#passes(message))) this.work(() => take(message));
    else this.#hold(message, take);
  }

  /**
   * Does work for viewers, and counts what it takes.
   * @param others time that it takes elsewhere on this machine, as a multiple
   */
  work(task: () => void, others = 0): void {
    const isPart = this.#isMeasuring;
    this.#isMeasuring = true;
    const startMs = this.#now();
    try {
      task();
    } finally {
      const ms = this.#now() - startMs;
      this.#debtMs += ms * ((isPart ? 0 : 1) + others);
      this.#isMeasuring = isPart;
    }
  }

  /** Whether what viewers take is missing elsewhere now. */
  get scarce(): boolean {
    return this.#scarce();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { message } of this.#held.values()) message.letGo();
    this.#held.clear();
    this.#slots.clear();
  }

  #passes({ channel, byteLength }: ViewMessage): boolean {
    const { topic } = channel;
    if (byteLength < SMALL_BYTES) return true;
    if (!this.#scarce()) this.#begin();
    else if (this.#passed.has(topic)) {
      this.#pay();
      if (this.#debtMs > 0) return false;
      this.#begin();
    }
    this.#passed.add(topic);
    this.#forget(topic);
    return true;
  }

  #hold(message: ViewMessage, take: (message: ViewMessage) => void): void {
    const { topic } = message.channel;
    this.#forget(topic);
    this.work(() => {
      const slot = message.hold(this.#slots.get(topic));
      if (slot !== undefined) this.#slots.set(topic, slot);
    });
    this.#held.set(topic, { message, takers: [take] });
    this.#timer ??= this.#wait();
  }

  #forget(topic: string): void {
    this.#held.get(topic)?.message.letGo();
    this.#held.delete(topic);
  }

  #wait(): NodeJS.Timeout {
    const timer = setTimeout(
      () => this.#release(),
      Math.min(LONGEST_WAIT_MS, Math.ceil(this.#debtMs / this.#rate)),
    );
    return timer.unref();
  }

  #release(): void {
    this.#timer = undefined;
    this.#pay();
    if (this.#debtMs > 0) {
      this.#timer = this.#wait();
      return;
    }
    this.#begin();
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { message, takers } of held) {
      this.#passed.add(message.channel.topic);
      for (const take of takers) this.work(() => take(message));
      message.letGo();
    }
  }

  #begin(): void {
    this.#passed.clear();
    this.#debtMs = 0;
    this.#paidMs = this.#now();
  }

  #pay(): void {
    const nowMs = this.#now();
    const mostMs = LONGEST_WAIT_MS * this.#rate;
    this.#debtMs = Math.max(0, Math.min(this.#debtMs, mostMs) - (nowMs - this.#paidMs) * this.#rate);
    this.#paidMs = nowMs;
  }
}
