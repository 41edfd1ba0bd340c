import { InvalidArgumentError } from 'commander';
import type { CameraHeight } from '../adaptation/drive/scaled-triplets.js';

/** No vehicle carries its camera higher, metres. */
const HIGHEST = 20;

/** Parses `--camera-height`: metres, or `constant`. */
export function cameraHeight(text: string): CameraHeight {
  if (text === 'constant') return text;
  const meters = Number(text);
  if (text.trim() !== '' && meters > 0 && meters <= HIGHEST) return meters;
  throw new InvalidArgumentError(`expected metres above 0 and up to ${HIGHEST}, or \`constant\`.`);
}
