import { SCENE_CELLS } from './scene-cells.js';

/** Pixels that a cell is thought to have had before any was counted: neighbours say the same, so few are no evidence. */
const PRIOR_PIXELS = 300;

/**
 * Where in a scene the classes are, counted on labelled samples. It says how much more often a class is in a cell than a cell
 * holds anything.
 */
export class ClassPlaces {
  readonly classes: number;
  readonly #counts: Float64Array;
  readonly #ofClass: Float64Array;
  readonly #ofCell: Float64Array;
  #pixels = 0;

  constructor(classes: number) {
    this.classes = classes;
    this.#counts = new Float64Array(SCENE_CELLS * classes);
    this.#ofClass = new Float64Array(classes);
    this.#ofCell = new Float64Array(SCENE_CELLS);
  }

  /** @param cells, labels of the same pixels; labels of no class do not count. */
  add(cells: Uint16Array, labels: Uint8Array): void {
    for (let i = 0; i < cells.length; i++) {
      const label = labels[i];
      if (label >= this.classes) continue;
      this.#counts[cells[i] * this.classes + label]++;
      this.#ofClass[label]++;
      this.#ofCell[cells[i]]++;
      this.#pixels++;
    }
  }

  /**
   * log p(class | cell) / p(class), [cells, classes], nats, shrunk to 0 where a cell was rarely seen: above 0 where the place
   * speaks for the class. A class that was never seen has 0 everywhere. The mean over the pixels of a picture is at most 0 for
   * one class everywhere, and falls when classes change places.
   * Source: pointwise mutual information, Church and Hanks 1990.
   */
  information(): Float32Array {
    const { classes } = this;
    const table = new Float32Array(SCENE_CELLS * classes);
    for (let cell = 0; cell < SCENE_CELLS; cell++) {
      for (let label = 0; label < classes; label++) {
        const prior = this.#ofClass[label] / this.#pixels;
        if (!(prior > 0)) continue;
        const seen = this.#counts[cell * classes + label] + PRIOR_PIXELS * prior;
        table[cell * classes + label] = Math.log(seen / (this.#ofCell[cell] + PRIOR_PIXELS) / prior);
      }
    }
    return table;
  }
}
