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
 * The connected components of a mask: neighbours of the same value belong together unless a step in depth lies between
 * them, so that a car is told from the one it partly hides.
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
  const parents = new Int32Array(height * width).fill(-1);
  const rootOf = (index: number): number => {
    let root = index;
    while ((parents[root] as number) !== root) root = parents[root] as number;
    for (let at = index; at !== root; ) {
      const next = parents[at] as number;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  const sizes = new Int32Array(height * width);
  const unite = (a: number, b: number): void => {
    const x = rootOf(a);
    const y = rootOf(b);
    if (x === y) return;
    // The earlier pixel leads, so that components come in the order of their first pixels.
    const first = Math.min(x, y);
    const second = Math.max(x, y);
    parents[second] = first;
    sizes[first] = (sizes[first] as number) + (sizes[second] as number);
  };
  const join = (a: number, b: number, step: number): void => {
    if (mask[a] !== mask[b]) return;
    const x = depth[a] as number;
    const y = depth[b] as number;
    if (bands === undefined ? x <= y * step && y <= x * step : bands[a] === bands[b]) unite(a, b);
  };
  for (let index = 0, row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, index++) {
      if (mask[index] === 0) continue;
      parents[index] = index;
      sizes[index] = 1;
      if (column > 0 && mask[index - 1] !== 0) join(index - 1, index, STEP_ALONG_ROW);
      if (row > 0 && mask[index - width] !== 0) join(index - width, index, STEP_DOWN_COLUMN);
    }
  }
  const isSmall = (index: number) => (sizes[rootOf(index)] as number) < LEAST_PIXELS;
  const joinSmall = (a: number, b: number): void => {
    if (mask[a] === mask[b] && (isSmall(b) || isSmall(a))) unite(a, b);
  };
  for (let index = 0; index < parents.length; index++) {
    if (parents[index] === -1) continue;
    if (index % width !== 0) joinSmall(index - 1, index);
    if (index >= width) joinSmall(index - width, index);
  }
  // Numbered by their first pixels, then filled.
  const numbers = new Int32Array(height * width);
  const lengths: number[] = [];
  for (let index = 0; index < parents.length; index++) {
    if (parents[index] === -1) continue;
    const root = rootOf(index);
    if (numbers[root] === 0) numbers[root] = lengths.push(0);
    const number = numbers[root] as number;
    lengths[number - 1] = (lengths[number - 1] as number) + 1;
  }
  const components = lengths.map((length) => new Int32Array(length));
  const filled = new Int32Array(lengths.length);
  for (let index = 0; index < parents.length; index++) {
    if (parents[index] === -1) continue;
    const number = (numbers[rootOf(index)] as number) - 1;
    const at = filled[number] as number;
    (components[number] as Int32Array)[at] = index;
    filled[number] = at + 1;
  }
  return components.map((pixels) => ({ pixels }));
}
