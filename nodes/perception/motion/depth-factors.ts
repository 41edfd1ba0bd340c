/** Factors on the depth of a picture, as a coarse grid over it. */
export interface DepthFactors {
  /** Rows of the grid. */
  readonly height: number;
  /** Columns of the grid. */
  readonly width: number;
  /** [height, width] factors, above 0. */
  readonly values: Float32Array;
  /** Number of nodes in a picture's width, measured from the middle of its first pixel to that of one behind its last. */
  readonly nodesAcross: number;
  /** Number of nodes in a picture's height, measured likewise. */
  readonly nodesDown: number;
  /** Node at which the picture's left border lies. */
  readonly left: number;
  /** Node at which the picture's upper border lies. */
  readonly top: number;
}

/** Where pixels of a picture lie between the nodes, along one axis. */
interface Places {
  readonly below: Int32Array;
  readonly share: Float32Array;
}

/** @param extent of the picture, of which every `stride`-th pixel is asked for. */
function places(extent: number, stride: number, nodes: number, perExtent: number, first: number): Places {
  const count = Math.ceil(extent / stride);
  const below = new Int32Array(count);
  const share = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = first + ((i * stride + 0.5) / extent) * perExtent;
    const clamped = Math.min(nodes - 1, Math.max(0, at));
    below[i] = Math.min(Math.max(0, nodes - 2), Math.floor(clamped));
    share[i] = clamped - (below[i] as number);
  }
  return { below, share };
}

/**
 * Visits the factors of every `stride`-th pixel of every `stride`-th row of a picture, row by row, bilinearly between the
 * nodes. @param row is given the number of the row and its factors, which are written over by the next.
 */
export function eachFactorRow(
  factors: DepthFactors,
  picture: { readonly height: number; readonly width: number; readonly stride: number },
  row: (index: number, factors: Float32Array) => void,
): void {
  const { height, width, values, nodesAcross, nodesDown, left, top } = factors;
  const across = places(picture.width, picture.stride, width, nodesAcross, left);
  const down = places(picture.height, picture.stride, height, nodesDown, top);
  const nodes = new Float32Array(width);
  const out = new Float32Array(across.below.length);
  for (let y = 0; y < down.below.length; y++) {
    const above = (down.below[y] as number) * width;
    const under = height > 1 ? above + width : above;
    const share = down.share[y] as number;
    for (let x = 0; x < width; x++) {
      const value = values[above + x] as number;
      nodes[x] = value + share * ((values[under + x] as number) - value);
    }
    const step = width > 1 ? 1 : 0;
    for (let x = 0; x < out.length; x++) {
      const at = across.below[x] as number;
      const value = nodes[at] as number;
      out[x] = value + (across.share[x] as number) * ((nodes[at + step] as number) - value);
    }
    row(y, out);
  }
}
