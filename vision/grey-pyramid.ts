/** One resolution of a grey picture. */
export interface GreyLevel {
  readonly height: number;
  readonly width: number;
  /** [height, width], 0..255. */
  readonly data: Float32Array;
}

/** A picture at full, half, quarter, ... resolution. */
export type GreyPyramid = readonly GreyLevel[];

/** Smallest side of a level, pixels. */
const SMALLEST = 12;

/**
 * Brightness of a colour picture at several resolutions; each level's pixel is the mean of four of the finer one's.
 * @param rgb [height, width, 3], 0..255.
 * @param levels at most so many.
 */
export function greyPyramid(rgb: Uint8Array, height: number, width: number, levels: number): GreyPyramid {
  const area = height * width;
  const data = new Float32Array(area);
  for (let i = 0, at = 0; i < area; i++, at += 3) {
    data[i] = 0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number);
  }
  const pyramid: GreyLevel[] = [{ height, width, data }];
  for (let finer = pyramid[0]; finer !== undefined && pyramid.length < levels; ) {
    if (Math.min(finer.height, finer.width) < 2 * SMALLEST) break;
    finer = halved(finer);
    pyramid.push(finer);
  }
  return pyramid;
}

function halved({ height, width, data }: GreyLevel): GreyLevel {
  const [rows, columns] = [height >> 1, width >> 1];
  const half = new Float32Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0, from = 2 * row * width; column < columns; column++, from += 2) {
      const above = (data[from] as number) + (data[from + 1] as number);
      half[to++] = (above + (data[from + width] as number) + (data[from + width + 1] as number)) / 4;
    }
  }
  return { height: rows, width: columns, data: half };
}
