/** What a step made of an update. */
export interface UpdateReport {
  readonly loss: number;
  /** Euclidean norm of all its gradients. */
  readonly gradientNorm: number;
  /** Whether loss, gradients and statistics were finite: else the update changed nothing. */
  readonly applied: boolean;
}

/** Weights of a step in the quick and in the slow mean of a loss. */
const QUICK = 1 / 50;
const SLOW = 1 / 1000;
/** Steps before means are judged. */
const WARM_UP = 50;
/** A quick mean that is so many times its level is suspicious; so many times what it was at first, lost. */
const HIGH = 3;
const LOST = 10;
/** Steps in a row after which a training is given up that is: not finite, without gradients, high, won. */
const PATIENCE = { notFinite: 20, still: 200, high: 1000, won: 1000 } as const;
/** A discriminator has won below this share of the loss of one that knows nothing. */
const WON = 0.005;

/** Places in the state. */
const [COUNT, FAST, LEVEL, FIRST, NOT_FINITE, STILL, ABOVE, BELOW] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Watches one update of a training. Its state is eight float32, so that it is saved and restored exactly. */
export class UpdateHealth {
  readonly #name: string;
  readonly #chance: number | undefined;
  readonly state = new Float32Array(8);

  /** @param chance the loss of a discriminator that knows nothing, where the update is one's. */
  constructor(name: string, chance?: number) {
    this.#name = name;
    this.#chance = chance;
  }

  /** @returns why the training should stop, if it should. */
  observe({ loss, gradientNorm, applied }: UpdateReport): string | undefined {
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
    s[FAST] += (loss - s[FAST]) * Math.max(QUICK, 1 / s[COUNT]);
    if (s[COUNT] <= WARM_UP) {
      s[LEVEL] = s[FAST];
      s[FIRST] = s[FAST];
      return undefined;
    }
    return this.#chance === undefined ? this.#judgeLoss() : this.#judgeDiscriminator(this.#chance);
  }

  /** Why what the training is now should not be kept: what it was before may be better. */
  get suspicion(): string | undefined {
    const s = this.state;
    if (s[NOT_FINITE] > 0) return `loss or gradients of \`${this.#name}\` are not finite`;
    if (s[ABOVE] > 0)
      return `the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)}, ${(s[FAST] / s[LEVEL]).toFixed(1)} times what it was`;
    return undefined;
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
    if (s[ABOVE] >= PATIENCE.high || s[FAST] > LOST * chance)
      return `it diverges: the loss of \`${this.#name}\` is ${s[FAST].toPrecision(3)}, one that knows nothing has ${chance.toPrecision(3)}`;
    if (s[BELOW] >= PATIENCE.won)
      return `it has collapsed: \`${this.#name}\` tells everything apart (loss ${s[FAST].toPrecision(3)}, below ${100 * WON} % of chance for ${s[BELOW]} steps), so that it has nothing left to teach`;
    return undefined;
  }
}
