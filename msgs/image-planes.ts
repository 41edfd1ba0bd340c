import { MessageError } from './errors.js';
import type { ImageEncoding } from './image-encoding.js';

/** A plane of an image: rows of `step` bytes in the message's `data`. */
export interface ImagePlane {
  readonly offset: number;
  readonly rows: number;
  readonly step: number;
}

/** What an image message says about its data. */
export interface ImageExtent {
  readonly width: number;
  readonly height: number;
  readonly step: number;
}

/**
 * Where the planes of an image lie in its data: the pixels, or the brightness and then the colours.
 *
 * Colour planes have rows as long as `step` asks for. They are as long (`nv12`, `nv21`), twice (`nv24`) or half as long
 * (`i420`) as those of the brightness. Drivers that count all planes in `step` send planes without padding: then the data's
 * length says so.
 * @param length of the data, bytes
 * @throws MessageError when the data are shorter than the planes.
 */
export function imagePlanes(
  { name, chroma }: Pick<ImageEncoding, 'name' | 'chroma'>,
  { width, height, step }: ImageExtent,
  length: number,
): readonly [ImagePlane, ...ImagePlane[]] {
  if (chroma === undefined) {
    if (length >= step * height) return [{ offset: 0, rows: height, step }];
    throw new MessageError(
      `expected \`data\` of ${step * height} bytes (\`step\` ${step} times \`height\` ${height}), got ${length}`,
      { field: 'data' },
    );
  }
  const { shared, planes } = chroma;
  const rows = Math.ceil(height / shared);
  const rowBytes = Math.ceil(width / shared) * (planes === 1 ? 2 : 1);
  const padded = Math.max(rowBytes, planes === 2 ? Math.ceil(step / 2) : (step * 2) / shared);
  for (const [own, color] of [
    [step, padded],
    [width, rowBytes],
  ] as const) {
    const total = own * height + planes * rows * color;
    if (length < total || (own !== step && length !== total)) continue;
    const colors = Array.from({ length: planes }, (_, i) => ({
      offset: own * height + i * rows * color,
      rows,
      step: color,
    }));
    return [{ offset: 0, rows: height, step: own }, ...colors];
  }
  throw new MessageError(
    `expected \`data\` of ${step * height + planes * rows * padded} bytes (${name}: brightness of \`step\` ${step} times ` +
      `\`height\` ${height}, then colours of ${planes * rows} rows of ${padded}), got ${length}`,
    { field: 'data' },
  );
}

/** Bytes of the data that the planes take, from its beginning. */
export function planesLength(planes: readonly ImagePlane[]): number {
  return Math.max(...planes.map(({ offset, rows, step }) => offset + rows * step));
}
