import { MessageError } from '../errors.js';
import { DEPTH_COLORS } from './depth-colors.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

export interface DepthPictureOptions {
  /** Depth drawn brightest, metres, default 3. Nearer is drawn the same. */
  readonly nearMeters?: number;
  /** Depth drawn darkest, metres, default 80. Farther (but finite) is drawn the same. */
  readonly farMeters?: number;
}

/** Colour of +Infinity: farther than the model's range, as a rule the sky. */
const SKY_COLOR = [118, 138, 160] as const;

/**
 * Colours a depth image, near = bright: t = sqrt((1/d - 1/far) / (1/near - 1/far)) indexes DEPTH_COLORS.
 *
 * The range is fixed, not taken from the image, so that the colours of a drive do not flicker. The root spreads the
 * middle distances, which a plain inverse depth squeezes into the darkest colours.
 * @param depthMeters [height, width]; +Infinity is drawn grey-blue; NaN, zero and negative values black.
 * @throws MessageError when the length does not fit height and width, or the range is empty.
 */
export function depthPicture(
  depthMeters: ArrayLike<number>,
  height: number,
  width: number,
  options: DepthPictureOptions = {},
): RgbPicture {
  const { nearMeters = 3, farMeters = 80 } = options;
  if (!(nearMeters > 0 && farMeters > nearMeters)) {
    throw new MessageError(
      `Depth colours need \`0 < near < far\`, got \`${nearMeters}\` and \`${farMeters}\`.`,
    );
  }
  if (depthMeters.length !== height * width) {
    throw new MessageError(
      `A ${width} x ${height} depth image needs \`${height * width}\` values, got \`${depthMeters.length}\`.`,
    );
  }
  const picture = rgbPicture(width, height);
  const { rgb } = picture;
  const far = 1 / farMeters;
  const range = 1 / nearMeters - far;
  for (let i = 0, o = 0; i < depthMeters.length; i++, o += 3) {
    const depth = depthMeters[i] ?? Number.NaN;
    if (depth === Number.POSITIVE_INFINITY) {
      rgb[o] = SKY_COLOR[0];
      rgb[o + 1] = SKY_COLOR[1];
      rgb[o + 2] = SKY_COLOR[2];
    } else if (depth > 0) {
      const t = Math.sqrt(Math.min(1, Math.max(0, (1 / depth - far) / range)));
      const index = Math.round(t * 255) * 3;
      rgb[o] = DEPTH_COLORS[index] ?? 0;
      rgb[o + 1] = DEPTH_COLORS[index + 1] ?? 0;
      rgb[o + 2] = DEPTH_COLORS[index + 2] ?? 0;
    }
  }
  return picture;
}
