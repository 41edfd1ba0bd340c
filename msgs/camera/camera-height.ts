import { MessageError } from '../errors.js';

/** Metres of the camera over the road; `constant`: the same all along a drive, and nobody knows which. */
export type CameraHeight = number | 'constant';

/** No vehicle carries its camera higher, metres. */
const HIGHEST = 20;

/** Reads metres, or `constant`. @throws MessageError that says what was expected. */
export function parseCameraHeight(text: string): CameraHeight {
  if (text === 'constant') return text;
  const meters = Number(text);
  if (text.trim() !== '' && meters > 0 && meters <= HIGHEST) return meters;
  throw new MessageError(`expected metres above 0 and up to ${HIGHEST}, or \`constant\`, got \`${text}\``);
}
