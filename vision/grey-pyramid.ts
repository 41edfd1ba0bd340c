/** One resolution of a grey picture. */
export interface GreyLevel {
  readonly height: number;
  readonly width: number;
  /** [height, width], from 0 to what the pyramid has for white. */
  readonly data: Float32Array;
}

/** A picture at full, half, quarter, ... resolution. */
export type GreyPyramid = readonly GreyLevel[];

export interface PyramidOptions {
  /** The value of white; 255 by default. */
  readonly white?: number;
  /** Levels with a smaller side than this, pixels, are left out; 12 by default. */
  readonly leastSide?: number;
}

/** Share of red, green, blue. Source: ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Brightness of a colour picture at several resolutions; each level's pixel is the mean of four of the finer one's.
 * @param rgb [height, width, 3], 0..255.
 * @param levels at most so many.
 */
export function greyPyramid(
  rgb: Uint8Array,
  height: number,
  width: number,
  levels: number,
  { white = 255, leastSide = 12 }: PyramidOptions = {},
): GreyPyramid {
  const [red, green, blue] = LUMA;
  const unit = 255 / white;
  const data = new Float32Array(height * width);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) {
    data[i] =
      (red * (rgb[at] as number) + green * (rgb[at + 1] as number) + blue * (rgb[at + 2] as number)) / unit;
  }
  const pyramid: GreyLevel[] = [{ height, width, data }];
  for (let finer = pyramid[0]; finer !== undefined && pyramid.length < levels; ) {
    if (Math.min(finer.height, finer.width) < 2 * leastSide) break;
    finer = {
      data: halved(finer.data, finer.width, finer.height),
      ...{ height: finer.height >> 1, width: finer.width >> 1 },
    };
    pyramid.push(finer);
  }
  return pyramid;
}

/** The mean of 2x2 pixels, [height, width] -> [height >> 1, width >> 1]; an odd last row or column is dropped. */
export function halved(values: Float32Array, width: number, height: number): Float32Array {
  const [rows, columns] = [height >> 1, width >> 1];
  const half = new Float32Array(rows * columns);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0, from = 2 * row * width; column < columns; column++, from += 2) {
      const above = (values[from] as number) + (values[from + 1] as number);
      half[to++] = (above + (values[from + width] as number) + (values[from + width + 1] as number)) / 4;
    }
  }
  return half;
}
