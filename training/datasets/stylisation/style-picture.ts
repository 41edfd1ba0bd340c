/** A picture whose style is changed in place: three planes of values in 0..1, one after another. */
export interface StylePicture {
  readonly width: number;
  readonly height: number;
  /** [3, height, width]. */
  readonly rgb: Float32Array;
}

export type Color = readonly [number, number, number];

/** Brightness of every pixel, 0..1. Source: ITU-R BT.601. */
export function brightness({ rgb, width, height }: StylePicture): Float32Array {
  const count = width * height;
  return Float32Array.from(
    { length: count },
    (_, i) => 0.299 * rgb[i] + 0.587 * rgb[count + i] + 0.114 * rgb[2 * count + i],
  );
}

/** The value, kept within 0 and 1. */
export function unit(value: number): number {
  return value < 0 ? 0 : Math.min(value, 1);
}

/** Means over squares of 2 radius + 1 pixels of one plane, as far as these lie within the picture; a new plane. */
export function boxMean(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  const rows = lineMeans(plane, { lines: height, length: width, along: 1, across: width }, radius);
  return lineMeans(rows, { lines: width, length: height, along: width, across: 1 }, radius);
}

interface Lines {
  readonly lines: number;
  readonly length: number;
  /** Distance of neighbours on a line, and of lines, in memory. */
  readonly along: number;
  readonly across: number;
}

function lineMeans(
  plane: Float32Array,
  { lines, length, along, across }: Lines,
  radius: number,
): Float32Array {
  const out = new Float32Array(plane.length);
  for (let line = 0; line < lines; line++) {
    const from = line * across;
    let sum = 0;
    let count = 0;
    for (let i = 0; i < Math.min(radius, length); i++) {
      sum += plane[from + i * along];
      count += 1;
    }
    for (let i = 0; i < length; i++) {
      if (i + radius < length) {
        sum += plane[from + (i + radius) * along];
        count += 1;
      }
      if (i - radius - 1 >= 0) {
        sum -= plane[from + (i - radius - 1) * along];
        count -= 1;
      }
      out[from + i * along] = sum / count;
    }
  }
  return out;
}
