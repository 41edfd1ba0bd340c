import type { RosLog } from '../transport/ros2/ros-node.js';

/** What a trouble is about; each is an entry of its own in /diagnostics. */
export const AREAS = ['images', 'camera_info', 'stamps', 'results', 'node'] as const;
export type Area = (typeof AREAS)[number];

/** Something that keeps results from coming, or makes them worse. Numbers in the text may differ from time to time. */
export interface Trouble {
  readonly area: Area;
  readonly text: string;
}

/** A trouble that goes on. */
export interface Episode extends Trouble {
  /** How often it was seen since it began. */
  readonly count: number;
  /** Since it began. */
  readonly seconds: number;
}

/** An event that has not come again for this long is over, milliseconds. */
const QUIET_MS = 3000;
/** What goes on is said again this often, milliseconds. */
const REMIND_MS = 60_000;
/** Episodes beyond this many push out the one that was quiet for longest: memory stays bounded. */
const MOST = 50;

interface Ongoing extends Trouble {
  count: number;
  readonly beganMs: number;
  lastMs: number;
  saidMs: number;
  readonly standing: boolean;
}

/**
 * Troubles as episodes: each is logged when it begins, every minute while it goes on, and when it is over. Comes it back,
 * that is a new one. There are events (an image was dropped) and states (nobody publishes the images).
 */
export class Episodes {
  readonly #log: RosLog;
  readonly #now: () => number;
  readonly #ongoing = new Map<string, Ongoing>();

  constructor(log: RosLog, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** An event. */
  happened(trouble: Trouble): void {
    this.#seen(trouble, false);
  }

  /**
   * What goes on now; to be called about once a second.
   * @param states that hold at this moment
   */
  look(states: readonly Trouble[]): readonly Episode[] {
    for (const state of states) this.#seen(state, true);
    const holding = new Set(states.map(keyOf));
    const nowMs = this.#now();
    for (const [key, episode] of this.#ongoing) {
      const { standing, lastMs, saidMs } = episode;
      if (standing ? !holding.has(key) : nowMs - lastMs > QUIET_MS) {
        this.#ongoing.delete(key);
        this.#log.info(`over: ${described(episode)}`);
      } else if (nowMs - saidMs > REMIND_MS) {
        episode.saidMs = nowMs;
        this.#log.warn(`still: ${described(episode)}`);
      }
    }
    return [...this.#ongoing.values()].map(({ area, text, count, beganMs }) => ({
      ...{ area, text, count, seconds: (nowMs - beganMs) / 1000 },
    }));
  }

  #seen(trouble: Trouble, standing: boolean): void {
    const key = keyOf(trouble);
    const nowMs = this.#now();
    const known = this.#ongoing.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.lastMs = nowMs;
      return;
    }
    if (this.#ongoing.size >= MOST) this.#pushOut();
    this.#ongoing.set(key, { ...trouble, count: 1, beganMs: nowMs, lastMs: nowMs, saidMs: nowMs, standing });
    this.#log.warn(trouble.text);
  }

  #pushOut(): void {
    const [quietest] = [...this.#ongoing].sort(([, a], [, b]) => a.lastMs - b.lastMs);
    if (quietest !== undefined) this.#ongoing.delete(quietest[0]);
  }
}

/** One kind of trouble, whatever sizes and ages its text names. */
function keyOf({ area, text }: Trouble): string {
  return `${area}: ${text.replace(/\d+(\.\d+)?/g, '#')}`;
}

function described({ text, count, beganMs, lastMs, standing }: Ongoing): string {
  const seconds = ((lastMs - beganMs) / 1000).toFixed(0);
  return `${text} (${standing ? '' : `${count} times `}in ${seconds} s)`;
}
