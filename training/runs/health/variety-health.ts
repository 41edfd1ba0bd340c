/** Weight of a step in the mean. */
const QUICK = 1 / 50;
const WARM_UP = 50;
/** Below this share of what it was at first a variety has vanished; after so many steps in a row it does not come back. */
const VANISHED = 0.05;
const PATIENCE = 500;

const [COUNT, FAST, FIRST, BELOW] = [0, 1, 2, 3];

/** Watches a metric that says how varied outputs are. Its state is four float32. */
export class VarietyHealth {
  readonly #name: string;
  readonly state = new Float32Array(4);

  constructor(name: string) {
    this.#name = name;
  }

  /** @returns why the training should stop, if it should. */
  observe(value: number | undefined): string | undefined {
    if (value === undefined || !Number.isFinite(value)) return undefined;
    const s = this.state;
    s[COUNT] += 1;
    s[FAST] += (value - s[FAST]) * Math.max(QUICK, 1 / s[COUNT]);
    // What it fell to among the first steps is no level.
    if (s[COUNT] <= WARM_UP) s[FIRST] = Math.max(s[FIRST], s[FAST]);
    s[BELOW] = s[FAST] < VANISHED * s[FIRST] ? s[BELOW] + 1 : 0;
    if (s[BELOW] < PATIENCE) return undefined;
    return `it has collapsed: \`${this.#name}\` is ${s[FAST].toPrecision(3)} and was ${s[FIRST].toPrecision(3)}: all outputs are nearly the same`;
  }

  /** Why what the training is now should not be kept. */
  get suspicion(): string | undefined {
    const s = this.state;
    return s[BELOW] > 0 ? `\`${this.#name}\` has fallen to ${s[FAST].toPrecision(3)}` : undefined;
  }
}
