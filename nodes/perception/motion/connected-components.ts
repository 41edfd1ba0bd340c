/** Pixels of a mask that belong together. */
export interface Component {
  /** Indices of its pixels, ascending: row by row. */
  readonly pixels: Int32Array;
}

/**
 * Neighbours whose depths differ by more than this factor belong to different things. Vehicles and people stand upright:
 * down a column their depth changes less than along a row, where their sides recede.
 */
const STEP_ALONG_ROW = 1.1;
const STEP_DOWN_COLUMN = 1.06;
/** Pieces smaller than this many pixels are joined to a neighbour whatever its depth. */
const LEAST_PIXELS = 24;

/**
 * The connected components of a mask. Neighbours of the same value belong together unless a step in depth lies between them.
 * So a car is told from the one it partly hides.
 *
 * @param mask [height, width], 0 = not in any component.
 * @param depth [height, width] positive, may be infinite.
 * @param bands [height, width]: with them, a change of the band separates neighbours, not a step in depth.
 */
export function connectedComponents(
  mask: Uint8Array,
  depth: Float32Array,
  height: number,
  width: number,
  bands?: Int32Array,
): Component[] {
  const area = height * width;
  if (forest.parents.length !== area) forest = new Forest(area);
  const { parents, sizes } = forest;
  parents.fill(-1);
  for (let index = 0, row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, index++) {
      const value = mask[index];
      if (value === 0) continue;
      parents[index] = index;
      sizes[index] = 1;
      const own = depth[index] as number;
      if (column > 0 && mask[index - 1] === value) {
        const other = depth[index - 1] as number;
        if (
          bands === undefined
            ? other <= own * STEP_ALONG_ROW && own <= other * STEP_ALONG_ROW
            : bands[index - 1] === bands[index]
        )
          forest.unite(index - 1, index);
      }
      if (row > 0 && mask[index - width] === value) {
        const other = depth[index - width] as number;
        if (
          bands === undefined
            ? other <= own * STEP_DOWN_COLUMN && own <= other * STEP_DOWN_COLUMN
            : bands[index - width] === bands[index]
        )
          forest.unite(index - width, index);
      }
    }
  }
  for (let index = 0, row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, index++) {
      if (parents[index] === -1) continue;
      const value = mask[index];
      if (column > 0 && mask[index - 1] === value) forest.uniteSmall(index - 1, index);
      if (row > 0 && mask[index - width] === value) forest.uniteSmall(index - width, index);
    }
  }
  return forest.components();
}

/** Trees of pixels that belong together; each leads to its component's first pixel. */
class Forest {
  /** Parent of each pixel, -1 = in no component. */
  readonly parents: Int32Array;
  /** Size of a component in pixels, at its first pixel. */
  readonly sizes: Int32Array;
  /** Of a component at its first pixel: its place among all. */
  readonly #numbers: Int32Array;

  constructor(area: number) {
    this.parents = new Int32Array(area);
    this.sizes = new Int32Array(area);
    this.#numbers = new Int32Array(area);
  }

  unite(a: number, b: number): void {
    const x = this.#rootOf(a);
    const y = this.#rootOf(b);
    if (x !== y) this.#join(x, y);
  }

  /** If one of them is small. */
  uniteSmall(a: number, b: number): void {
    const x = this.#rootOf(a);
    const y = this.#rootOf(b);
    if (x === y) return;
    if ((this.sizes[x] as number) < LEAST_PIXELS || (this.sizes[y] as number) < LEAST_PIXELS)
      this.#join(x, y);
  }

  /** In the order of their first pixels. */
  components(): Component[] {
    const { parents, sizes } = this;
    const components: Int32Array[] = [];
    const filled: number[] = [];
    for (let index = 0; index < parents.length; index++) {
      const parent = parents[index] as number;
      if (parent === -1) continue;
      // A parent comes before its children, so it leads to the root by now.
      const root = parents[parent] as number;
      parents[index] = root;
      if (root === index) {
        this.#numbers[index] = components.length;
        components.push(new Int32Array(sizes[index] as number));
        filled.push(0);
      }
      const number = this.#numbers[root] as number;
      const at = filled[number] as number;
      (components[number] as Int32Array)[at] = index;
      filled[number] = at + 1;
    }
    return components.map((pixels) => ({ pixels }));
  }

  #rootOf(index: number): number {
    const { parents } = this;
    let at = index;
    for (let parent = parents[at] as number; parent !== at; parent = parents[at] as number) {
      const next = parents[parent] as number;
      parents[at] = next;
      at = next;
    }
    return at;
  }

  #join(x: number, y: number): void {
    const first = x < y ? x : y;
    const second = x < y ? y : x;
    this.parents[second] = first;
    this.sizes[first] = (this.sizes[first] as number) + (this.sizes[second] as number);
  }
}

// Used again from one frame to the next.
let forest = new Forest(0);
