import { MessageError } from '../errors.js';
import { CAMERA_NUMBERS } from './camera-settings.js';
import type { Intrinsics } from './intrinsics.js';

/** A whole number of the range that the option has. @throws MessageError saying what was expected. */
export function parseCameraNumber(name: keyof typeof CAMERA_NUMBERS, text: string): number {
  const { least, most } = CAMERA_NUMBERS[name];
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
  throw new MessageError(`expected \`a whole number from ${least} to ${most}\`, got \`${text}\`.`);
}

/** `fx,fy,cx,cy`. @throws MessageError saying what was expected. */
export function parseIntrinsics(text: string): Intrinsics {
  const [fx = Number.NaN, fy = Number.NaN, cx = Number.NaN, cy = Number.NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (more.length === 0 && fx > 0 && fy > 0 && [fx, fy, cx, cy].every(Number.isFinite))
    return { fx, fy, cx, cy };
  throw new MessageError('expected `fx,fy,cx,cy` in pixels, the focal lengths above 0.');
}
