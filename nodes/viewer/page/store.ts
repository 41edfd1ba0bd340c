import { useEffect, useState } from 'preact/hooks';
import type {
  FrameHead,
  PanelName,
  ToPage,
  WireClass,
  WirePlayback,
  WireRun,
  WireStatus,
} from '../page-protocol.js';

/** A frame of a panel as it came, a picture already decoded. */
export interface Frame {
  readonly head: FrameHead;
  readonly payload: Uint8Array;
  /** Of jpeg and png. */
  readonly bitmap?: ImageBitmap;
}

/** Seconds of a time in nanoseconds as the socket has it. */
export function secondsOf(timeNs: string): number {
  return Number(BigInt(timeNs) / 1_000_000n) / 1000;
}

export interface StatusPoint {
  /** Recorded (or wall) time, seconds. */
  readonly timeS: number;
  readonly status: WireStatus;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
}

export interface PageState {
  readonly connection: 'connecting' | 'open' | 'lost';
  readonly hello: (ToPage & { op: 'hello' }) | undefined;
  readonly panels: ReadonlySet<PanelName>;
  readonly topics: ReadonlyMap<PanelName, readonly string[]>;
  readonly classes: readonly WireClass[];
  readonly playback: WirePlayback | undefined;
  readonly statuses: readonly StatusPoint[];
  readonly models: (ToPage & { op: 'models' }) | undefined;
  readonly adaptation: (ToPage & { op: 'adaptation' }) | undefined;
  readonly runs: readonly WireRun[] | undefined;
  readonly comparison: (ToPage & { op: 'comparison' }) | undefined;
  readonly troubles: readonly string[];
  readonly notices: readonly Notice[];
}

/** What the page knows, and who is told when that changes. */
export class Store<T extends object> {
  #state: T;
  readonly #listeners = new Set<() => void>();

  constructor(state: T) {
    this.#state = state;
  }

  get state(): T {
    return this.#state;
  }

  set(change: Partial<T>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A part of a store's state; the component is drawn again when that part is another one. */
export function useStore<T extends object, U>(store: Store<T>, select: (state: T) => U): U {
  const [, redraw] = useState({});
  const selected = select(store.state);
  useEffect(() => {
    let last = select(store.state);
    return store.subscribe(() => {
      const next = select(store.state);
      if (Object.is(next, last)) return;
      last = next;
      redraw({});
    });
  }, [store]);
  return selected;
}
