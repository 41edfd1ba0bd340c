import { MessageError } from '../errors.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

/**
 * Colours a label image by a palette.
 * @param labels [height, width], class indices; what the palette does not have (255 = unlabelled) is black.
 * @param palette index = class, sRGB 0..255.
 * @throws MessageError when the length does not fit height and width.
 */
export function labelPicture(
  labels: Uint8Array,
  height: number,
  width: number,
  palette: readonly (readonly [number, number, number])[],
): RgbPicture {
  if (labels.length !== height * width) {
    throw new MessageError(
      `A ${width} x ${height} label image needs \`${height * width}\` values, got \`${labels.length}\`.`,
    );
  }
  const colors = new Uint8Array(256 * 3);
  for (const [index, color] of palette.entries()) colors.set(color, index * 3);
  const picture = rgbPicture(width, height);
  for (let i = 0, o = 0; i < labels.length; i++, o += 3) {
    const index = (labels[i] ?? 255) * 3;
    picture.rgb[o] = colors[index] ?? 0;
    picture.rgb[o + 1] = colors[index + 1] ?? 0;
    picture.rgb[o + 2] = colors[index + 2] ?? 0;
  }
  return picture;
}
