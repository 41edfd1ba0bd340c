/** What a thing takes from the sky's light around it; see GroundOcclusion.add. */
export type Shade = readonly [
  ...[x: number, y: number, c: number, s: number],
  ...[a: number, b: number, margin: number, strength: number],
];

/** How much of the sky the ground sees around objects: a map from above, for the soft dark under and beside things. */
export class GroundOcclusion {
  readonly #cell: number;
  readonly #size: number;
  #originX = 0;
  #originY = 0;
  readonly #open: Float32Array;

  /** `size` cells of `cell` metres along each side. */
  constructor(size = 320, cell = 0.4) {
    this.#size = size;
    this.#cell = cell;
    this.#open = new Float32Array(size * size);
  }

  /** Empties the map and centres it on a world point. */
  reset(x: number, y: number): void {
    this.#originX = x - (this.#size * this.#cell) / 2;
    this.#originY = y - (this.#size * this.#cell) / 2;
    this.#open.fill(1);
  }

  /**
   * A thing with half length a and half width b (m) stands at (x, y) with heading (c, s). It keeps `strength` of the light
   * off the ground below, fading over `margin` metres outside.
   */
  add([x, y, c, s, a, b, margin, strength]: Shade): void {
    const reach = Math.sqrt(a * a + b * b) + margin;
    const cell = this.#cell;
    const x0 = Math.max(0, Math.floor((x - reach - this.#originX) / cell));
    const x1 = Math.min(this.#size - 1, Math.ceil((x + reach - this.#originX) / cell));
    const y0 = Math.max(0, Math.floor((y - reach - this.#originY) / cell));
    const y1 = Math.min(this.#size - 1, Math.ceil((y + reach - this.#originY) / cell));
    for (let j = y0; j <= y1; j++) {
      for (let i = x0; i <= x1; i++) {
        const wx = this.#originX + i * cell - x;
        const wy = this.#originY + j * cell - y;
        const ox = Math.max(0, Math.abs(wx * c + wy * s) - a);
        const oy = Math.max(0, Math.abs(wy * c - wx * s) - b);
        const d = Math.sqrt(ox * ox + oy * oy) / margin;
        if (d >= 1) continue;
        this.#open[j * this.#size + i] *= 1 - strength * (1 - d) * (1 - d);
      }
    }
  }

  /** Share of the sky seen at a world point, 0..1. */
  at(x: number, y: number): number {
    const gx = (x - this.#originX) / this.#cell;
    const gy = (y - this.#originY) / this.#cell;
    const i = Math.floor(gx);
    const j = Math.floor(gy);
    if (i < 0 || j < 0 || i >= this.#size - 1 || j >= this.#size - 1) return 1;
    const fx = gx - i;
    const fy = gy - j;
    const k = j * this.#size + i;
    const o = this.#open;
    const top = o[k] + (o[k + 1] - o[k]) * fx;
    const bottom = o[k + this.#size] + (o[k + this.#size + 1] - o[k + this.#size]) * fx;
    return top + (bottom - top) * fy;
  }
}
