import type { Random } from '../../simulator/random.js';
import { hatch } from './hatch.js';
import { layTexture } from './lay-texture.js';
import { mixFrequencies } from './mix-frequencies.js';
import { paintPalette } from './paint-palette.js';
import { paintStrokes } from './paint-strokes.js';
import { posterise } from './posterise.js';
import { roughen } from './roughen.js';
import type { StylePicture } from './style-picture.js';
import { transferColors } from './transfer-colors.js';

/** Ways to change how a picture looks without changing what it shows; each draws its own numbers. */
export const STYLES = {
  palette: paintPalette,
  strokes: paintStrokes,
  hatching: hatch,
  texture: layTexture,
  poster: posterise,
  frequencies: mixFrequencies,
  grain: roughen,
  colors: transferColors,
} as const satisfies Readonly<Record<string, (picture: StylePicture, random: Random) => void>>;

export type StyleName = keyof typeof STYLES;

const NAMES = Object.keys(STYLES) as StyleName[]; // of the record above

/** How often a second style follows the first. */
const SECOND = 0.35;

/**
 * Gives a picture a drawn style in place: the same random generator gives the same one on every machine but for rounding.
 * What a picture shows, and where, stays: edges keep their places within a few pixels.
 * @returns the styles that were taken, in order.
 * Source: the part that paintings (Painter by Numbers) have in S2R-DepthNet, section 3.2, without anybody's pictures.
 */
export function stylise(picture: StylePicture, random: Random): StyleName[] {
  const first = random.pick(NAMES);
  const names = random.chance(SECOND) ? [first, random.pick(NAMES)] : [first];
  for (const name of names) STYLES[name](picture, random.fork());
  return names;
}
