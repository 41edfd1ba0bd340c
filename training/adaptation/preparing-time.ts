import { TrainingError } from '../errors.js';
import { judgingSeconds } from './learning-options.js';

/** What of a run is for learning at least. */
export const LEAST_LEARNING_SHARE = 0.15;

export interface PreparingTimeOptions {
  readonly minutes: number;
  /** Pictures of all drives and guards that will be looked at. */
  readonly pictures: number;
  /** Samples of the simulator that are not there yet. */
  readonly samples: number;
  /** Seconds of the run that are used up. */
  elapsed(): number;
}

/** The first pictures take longer than others, and a few do not tell how long all take. */
const FIRST = 8;
const LAST = 20;
/** What a picture takes with its triplet's motion, and a sample of the simulator, in pictures: rather too little than too much. */
const POSED = 1.2;
const SAMPLE = 0.5;
/** Programs beside it slow its processor time down, too: they share caches and memory. */
const BUSY = 2;

/**
 * Says after a few pictures whether looking at all of them leaves time to learn. What would fail after minutes fails after
 * seconds, and says how many minutes it takes.
 */
export class PreparingTime {
  readonly #options: PreparingTimeOptions;
  #looked = 0;
  #began = 0;

  constructor(options: PreparingTimeOptions) {
    this.#options = options;
  }

  /** To be told of every picture. @throws TrainingError once it is clear that the time does not do. */
  looked(): void {
    this.#looked += 1;
    const { minutes, pictures, samples, elapsed } = this.#options;
    if (this.#looked === FIRST) this.#began = elapsed();
    if (this.#looked !== LAST || pictures <= LAST) return;
    const each = (elapsed() - this.#began) / (LAST - FIRST);
    const seconds = elapsed() + each * (POSED * pictures + SAMPLE * samples - LAST);
    if (minutesFor(seconds) <= minutes) return;
    const rendered = samples === 0 ? '' : ` and drawing \`${samples}\` samples of the simulator, once,`;
    throw new TrainingError(
      `--minutes: looking at \`${pictures}\` pictures of the drives${rendered} takes about ${Math.ceil(seconds)} s of an idle machine, ` +
        `after which \`${minutes}\` minutes leave too little to learn and to judge in; expected at least \`${minutesFor(seconds)}\`, on a busy machine ` +
        `\`${Math.ceil(BUSY * minutesFor(seconds))}\`, or fewer --frames.`,
      { field: '--minutes' },
    );
  }
}

/** Least minutes of a run that prepares for so many seconds, in halves. */
function minutesFor(seconds: number): number {
  for (let halves = 1; ; halves++) {
    const minutes = halves / 2;
    if (seconds + judgingSeconds(minutes) + LEAST_LEARNING_SHARE * 60 * minutes <= 60 * minutes)
      return minutes;
  }
}
