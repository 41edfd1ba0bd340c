export type Interpolation = 'bilinear' | 'nearest';

/**
 * The matrix [to, from], row major, that resizes one image axis from `from` to `to` pixels as TensorFlow.js does.
 * `alignCorners` maps the centres of the corner pixels onto each other; `halfPixelCenters` the borders; neither the
 * top-left corners.
 */
export function axisWeights(
  kind: Interpolation,
  from: number,
  to: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Float32Array {
  const weights = new Float32Array(to * from);
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  for (let i = 0; i < to; i++) {
    if (kind === 'nearest') {
      const source = (halfPixelCenters ? i + 0.5 : i) * scale;
      const nearest = alignCorners ? Math.round(source) : Math.floor(source);
      weights[i * from + Math.min(from - 1, nearest)] = 1;
      continue;
    }
    const source = halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale;
    const clamped = Math.min(Math.max(source, 0), from - 1);
    const low = Math.floor(clamped);
    const high = Math.min(low + 1, from - 1);
    weights[i * from + low] += 1 - (clamped - low);
    weights[i * from + high] += clamped - low;
  }
  return weights;
}
