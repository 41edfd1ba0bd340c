/** What a step made of an update. */
export interface UpdateReport {
  readonly loss: number;
  /** Euclidean norm of all its gradients. */
  readonly gradientNorm: number;
  /** Euclidean norm of all weights that it trains, before and after it. */
  readonly weightNorms: { readonly before: number; readonly after: number };
  /** Whether loss, gradients and statistics were finite: else the update changed nothing. */
  readonly applied: boolean;
}

/** Weights of a step in the quick and in the slow mean of a loss. */
const QUICK = 1 / 50;
const SLOW = 1 / 1000;
/** Steps whose mean is the first level that later means are judged by. */
const WARM_UP = 50;
/**
 * Until then there is the first loss alone, of a single batch, which says less: a mean of so many times it is suspicious. So
 * many times it after as many steps, lost. Of some 150 sound runs none had a mean of over five times its first loss.
 */
const EARLY = { high: 5, lost: 100, steps: 10 } as const;
/** A quick mean that is so many times its level is suspicious; so many times what it was at first, lost. */
const HIGH = 3;
const LOST = 10;
/**
 * The same of the norm of the weights. It shows what bounded losses hide: behind a saturated output a loss stays what it is.
 * Gradients do not tell: a sound discriminator begins without any, and has thousands of times as much some steps later.
 */
const HEAVY = { high: 10, lost: 30 } as const;
/** Steps in a row after which a training is given up that is: not finite, without gradients, high, won. */
const PATIENCE = { notFinite: 20, still: 200, high: 1000, won: 1000 } as const;
/** Steps in a row without gradients that are suspicious: a batch without truth has none. */
const STILL_SUSPICIOUS = 10;
/** Larger losses count as this: a float32 holds it. */
const LARGEST = 1e30;
/** A discriminator has won below this share of the loss of one that knows nothing. */
const WON = 0.005;

/** Places in the state. */
const [COUNT, FAST, LEVEL, FIRST, NOT_FINITE, STILL, ABOVE, BELOW] = [0, 1, 2, 3, 4, 5, 6, 7];
const [WEIGHTS, WEIGHTS_LEVEL, HEAVIER] = [8, 9, 10];

/** Watches one update of a training. Its state is float32, so that it is saved and restored exactly. */
export class UpdateHealth {
  readonly #name: string;
  readonly #chance: number | undefined;
  readonly state = new Float32Array(11);

  /** @param chance the loss of a discriminator that knows nothing, where the update is one's. */
  constructor(name: string, chance?: number) {
    this.#name = name;
    this.#chance = chance;
  }

  /** @returns why the training should stop, if it should. */
  observe({ loss, gradientNorm, weightNorms, applied }: UpdateReport): string | undefined {
    const s = this.state;
    s[NOT_FINITE] = applied ? 0 : s[NOT_FINITE] + 1;
    if (s[NOT_FINITE] >= PATIENCE.notFinite)
      return `loss or gradients of \`${this.#name}\` were not finite for ${s[NOT_FINITE]} steps in a row`;
    if (!applied) return undefined;
    s[STILL] = gradientNorm > 0 ? 0 : s[STILL] + 1;
    if (s[STILL] >= PATIENCE.still)
      return `all gradients of \`${this.#name}\` were zero for ${s[STILL]} steps in a row: it learns nothing`;
    s[COUNT] += 1;
    // A plain mean of the first steps, then an exponential one.
    s[FAST] += (Math.min(loss, LARGEST) - s[FAST]) * Math.max(QUICK, 1 / s[COUNT]);
    return this.#judgeWeights(weightNorms) ?? this.#judgeMean();
  }

  /** Why what the training is now should not be kept: what it was before may be better. */
  get suspicion(): string | undefined {
    const s = this.state;
    if (s[NOT_FINITE] > 0) return `loss or gradients of \`${this.#name}\` are not finite`;
    if (s[STILL] >= STILL_SUSPICIOUS) return `all gradients of \`${this.#name}\` are zero`;
    if (s[HEAVIER] > 0) return this.#heavier;
    if (s[ABOVE] > 0)
      return `the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)}, ${(s[FAST] / s[LEVEL]).toFixed(1)} times what it was`;
    return undefined;
  }

  get #heavier(): string {
    const s = this.state;
    return `the weights of \`${this.#name}\` are ${(s[WEIGHTS] / s[WEIGHTS_LEVEL]).toPrecision(3)} times as large as they were`;
  }

  #judgeWeights({ before, after }: UpdateReport['weightNorms']): string | undefined {
    const s = this.state;
    if (s[WEIGHTS_LEVEL] === 0) s[WEIGHTS_LEVEL] = before;
    s[WEIGHTS] = after;
    // Weights that began as zeros have no level.
    const isHeavy = s[WEIGHTS_LEVEL] > 0 && !(after <= HEAVY.high * s[WEIGHTS_LEVEL]);
    s[HEAVIER] = isHeavy ? s[HEAVIER] + 1 : 0;
    if (!isHeavy) s[WEIGHTS_LEVEL] += (after - s[WEIGHTS_LEVEL]) * SLOW;
    const isLost = s[HEAVIER] >= EARLY.steps && !(after <= HEAVY.lost * s[WEIGHTS_LEVEL]);
    return isLost || s[HEAVIER] >= PATIENCE.high ? `it diverges: ${this.#heavier}` : undefined;
  }

  #judgeMean(): string | undefined {
    if (this.#chance !== undefined) return this.#judgeDiscriminator(this.#chance);
    return this.state[COUNT] <= WARM_UP ? this.#judgeFirstLosses() : this.#judgeLoss();
  }

  /** The level is the first loss for as long as the mean is far above that, else the mean. */
  #judgeFirstLosses(): string | undefined {
    const s = this.state;
    // A first batch without truth has no loss: then it is the next one's, which is all of the sum.
    if (s[FIRST] === 0) s[FIRST] = s[FAST] * s[COUNT];
    if (s[COUNT] === WARM_UP && s[ABOVE] === 0) s[FIRST] = s[FAST];
    s[LEVEL] = s[FIRST];
    const above = s[FAST] / Math.abs(s[FIRST]);
    s[ABOVE] = above > EARLY.high ? s[ABOVE] + 1 : 0;
    return s[COUNT] >= EARLY.steps && above > EARLY.lost
      ? `it diverges: the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)} (mean of ${s[COUNT]} steps) and began with ${s[FIRST].toPrecision(3)}`
      : undefined;
  }

  #judgeLoss(): string | undefined {
    const s = this.state;
    const isHigh = s[FAST] > HIGH * Math.max(s[LEVEL], Number.MIN_VALUE);
    s[ABOVE] = isHigh ? s[ABOVE] + 1 : 0;
    // Else the level would follow a loss that runs away.
    if (!isHigh) s[LEVEL] += (s[FAST] - s[LEVEL]) * SLOW;
    if (s[ABOVE] >= PATIENCE.high || (isHigh && s[FAST] > LOST * Math.max(s[FIRST], s[LEVEL]))) {
      return `it diverges: the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)} (mean of some 50 steps) and was ${s[LEVEL].toPrecision(3)}`;
    }
    return undefined;
  }

  /** Its loss may rise to that of one that knows nothing: then the other side has caught up. */
  #judgeDiscriminator(chance: number): string | undefined {
    const s = this.state;
    s[LEVEL] = chance;
    s[ABOVE] = s[FAST] > HIGH * chance ? s[ABOVE] + 1 : 0;
    s[BELOW] = s[FAST] < WON * chance ? s[BELOW] + 1 : 0;
    const isLost = s[COUNT] >= EARLY.steps && s[FAST] > LOST * chance;
    if (s[ABOVE] >= PATIENCE.high || isLost)
      return `it diverges: the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)}, one that knows nothing has ${chance.toPrecision(3)}`;
    if (s[BELOW] >= PATIENCE.won)
      return `it has collapsed: \`${this.#name}\` tells everything apart (loss ${s[FAST].toPrecision(3)}, below ${100 * WON} % of chance for ${s[BELOW]} steps), so that it has nothing left to teach`;
    return undefined;
  }
}
