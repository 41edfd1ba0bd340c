import { everyIndex, flatIndex, type Reference } from './double-precision.js';

/** Convolutions, pooling and resizing of images [N, H, W, C] by their definitions, one element at a time. */

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** Rows and columns of zeros on each side: [[top, bottom], [left, right]]. */
  readonly pad: 'same' | 'valid' | readonly [readonly [number, number], readonly [number, number]];
}

interface Axis {
  readonly out: number;
  readonly before: number;
}

/** TensorFlow's rules: `same` gives ceil(in / stride), with the odd row of padding at the end. */
function axisOf(window: Window, extent: number, axis: 0 | 1): Axis {
  const stride = window.strides[axis];
  const reach = (window.kernel[axis] - 1) * (window.dilations?.[axis] ?? 1) + 1;
  if (window.pad === 'same') {
    const out = Math.ceil(extent / stride);
    return { out, before: Math.floor(Math.max(0, (out - 1) * stride + reach - extent) / 2) };
  }
  const [before, after] = window.pad === 'valid' ? [0, 0] : window.pad[axis];
  return { out: Math.floor((extent + before + after - reach) / stride) + 1, before };
}

type Shape4 = readonly [number, number, number, number];

export function convolvedShape([n, h, w]: Shape4, channels: number, window: Window): Shape4 {
  return [n, axisOf(window, h, 0).out, axisOf(window, w, 1).out, channels];
}

/** Calls `visit` for every output position, tap and the pixel under it. */
function everyTap(
  shape: Shape4,
  window: Window,
  visit: (at: { n: number; oy: number; ox: number; ky: number; kx: number; y: number; x: number }) => void,
): void {
  const [rows, columns] = [axisOf(window, shape[1], 0), axisOf(window, shape[2], 1)];
  const [dy, dx] = window.dilations ?? [1, 1];
  everyIndex([shape[0], rows.out, columns.out, ...window.kernel], ([n, oy, ox, ky, kx]) => {
    const y = oy * window.strides[0] + ky * dy - rows.before;
    const x = ox * window.strides[1] + kx * dx - columns.before;
    if (y >= 0 && y < shape[1] && x >= 0 && x < shape[2]) visit({ n, oy, ox, ky, kx, y, x });
  });
}

/** y[n, oy, ox, o] = sum x[n, oy s + ky d - p, ox s + kx d - p, i] w[ky, kx, i, o]. */
export function convolution(shape: Shape4, channels: number, window: Window): Reference {
  const outShape = convolvedShape(shape, channels, window);
  const filterShape = [...window.kernel, shape[3], channels];
  return ({ x: image, w: filter }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b));
    everyTap(shape, window, ({ n, oy, ox, ky, kx, y, x }) => {
      for (let i = 0; i < shape[3]; i++) {
        const value = image[flatIndex(shape, [n, y, x, i]) ?? 0];
        const from = flatIndex(filterShape, [ky, kx, i, 0]) ?? 0;
        const to = flatIndex(outShape, [n, oy, ox, 0]) ?? 0;
        for (let o = 0; o < channels; o++) out[to + o] += value * filter[from + o];
      }
    });
    return out;
  };
}

/** The adjoint of a convolution from `outShape`: every input element is spread over the pixels that its taps see. */
export function transposedConvolution(outShape: Shape4, channels: number, window: Window): Reference {
  const inShape = convolvedShape(outShape, channels, window);
  const filterShape = [...window.kernel, outShape[3], channels];
  return ({ x: image, w: filter }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b));
    everyTap(outShape, window, ({ n, oy, ox, ky, kx, y, x }) => {
      for (let o = 0; o < outShape[3]; o++) {
        const from = flatIndex(filterShape, [ky, kx, o, 0]) ?? 0;
        const seen = flatIndex(inShape, [n, oy, ox, 0]) ?? 0;
        const to = flatIndex(outShape, [n, y, x, o]) ?? 0;
        for (let i = 0; i < channels; i++) out[to] += image[seen + i] * filter[from + i];
      }
    });
    return out;
  };
}

/** Every channel by its own `multiplier` filters. */
export function depthwiseConvolution(shape: Shape4, multiplier: number, window: Window): Reference {
  const channels = shape[3] * multiplier;
  const outShape = convolvedShape(shape, channels, window);
  const filterShape = [...window.kernel, shape[3], multiplier];
  return ({ x: image, w: filter }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b));
    everyTap(shape, window, ({ n, oy, ox, ky, kx, y, x }) => {
      for (let o = 0; o < channels; o++) {
        const i = Math.floor(o / multiplier);
        const weight = filter[flatIndex(filterShape, [ky, kx, i, o % multiplier]) ?? 0];
        out[flatIndex(outShape, [n, oy, ox, o]) ?? 0] += weight * image[flatIndex(shape, [n, y, x, i]) ?? 0];
      }
    });
    return out;
  };
}

/** The maximum or the mean of the pixels under each window; padding does not count. */
export function pooling(shape: Shape4, window: Window, kind: 'max' | 'mean'): Reference {
  const outShape = convolvedShape(shape, shape[3], window);
  return ({ x: image }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b)).fill(
      kind === 'max' ? Number.NEGATIVE_INFINITY : 0,
    );
    const counts = new Float64Array(out.length);
    everyTap(shape, window, ({ n, oy, ox, y, x }) => {
      for (let c = 0; c < shape[3]; c++) {
        const to = flatIndex(outShape, [n, oy, ox, c]) ?? 0;
        const value = image[flatIndex(shape, [n, y, x, c]) ?? 0];
        out[to] = kind === 'max' ? Math.max(out[to], value) : out[to] + value;
        counts[to] += 1;
      }
    });
    return kind === 'max' ? out : out.map((sum, i) => sum / counts[i]);
  };
}

export type Corners = 'aligned' | 'halfPixel' | 'asymmetric';

/** Where output pixel `i` of `to` lies among `from` input pixels. */
function sourceOf(i: number, from: number, to: number, corners: Corners): number {
  if (corners === 'aligned') return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
  return corners === 'halfPixel' ? ((i + 0.5) * from) / to - 0.5 : (i * from) / to;
}

/** Interpolates between the four nearest pixels; beyond the border the border's value holds. */
export function bilinear(shape: Shape4, size: readonly [number, number], corners: Corners): Reference {
  const outShape = [shape[0], ...size, shape[3]];
  return ({ x: image }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b));
    everyIndex(outShape, ([n, oy, ox, c], flat) => {
      const y = Math.max(0, sourceOf(oy, shape[1], size[0], corners));
      const x = Math.max(0, sourceOf(ox, shape[2], size[1], corners));
      for (const [row, share] of neighbours(y, shape[1])) {
        for (const [column, other] of neighbours(x, shape[2])) {
          out[flat] += share * other * image[flatIndex(shape, [n, row, column, c]) ?? 0];
        }
      }
    });
    return out;
  };
}

function neighbours(position: number, extent: number): [number, number][] {
  const low = Math.floor(position);
  const share = position - low;
  return [
    [Math.min(low, extent - 1), 1 - share],
    [Math.min(low + 1, extent - 1), share],
  ];
}

/** The nearest pixel as TensorFlow defines it: rounded with aligned corners, else the pixel whose area the centre or corner is in. */
export function nearest(shape: Shape4, size: readonly [number, number], corners: Corners): Reference {
  const outShape = [shape[0], ...size, shape[3]];
  const source = (i: number, from: number, to: number): number => {
    const position = corners === 'halfPixel' ? ((i + 0.5) * from) / to : sourceOf(i, from, to, corners);
    return Math.min(from - 1, corners === 'aligned' ? Math.round(position) : Math.floor(position));
  };
  return ({ x: image }) => {
    const out = new Float64Array(outShape.reduce((a, b) => a * b));
    everyIndex(outShape, ([n, oy, ox, c], flat) => {
      const pixel = [n, source(oy, shape[1], size[0]), source(ox, shape[2], size[1]), c];
      out[flat] = image[flatIndex(shape, pixel) ?? 0];
    });
    return out;
  };
}
