import type { CameraInfo } from '../camera-info.js';
import { baseTopic } from './image-transport.js';

/** `raw` images obey K and the distortion D, `rectified` ones P. */
export const CAMERA_KINDS = ['raw', 'rectified'] as const;
/** Whether images are `raw`, as the lens delivers them, or `rectified`, without its distortion. Raw images obey K and D, rectified ones P. */
export type CameraKind = (typeof CAMERA_KINDS)[number];

const RECTIFIED_WORD = /^(rect|rectified|undistorted|undistort)$/;

/**
 * Whether images are rectified, and why that is thought.
 *
 * The rule: they are where a word of the topic says so, its words being what lies between `/` and `_` (`image_rect_color`, ZED's
 * `rgb/color/rect/image`, `undistorted`). Else they are taken as raw; without distortion and with K as P, that is the same.
 */
export function cameraKindOf(
  topic: string,
  info?: CameraInfo,
): { readonly kind: CameraKind; readonly why: string } {
  const words = baseTopic(topic).toLowerCase().split(/[/_]/);
  const word = words.find((candidate) => RECTIFIED_WORD.test(candidate));
  if (word !== undefined) return { kind: 'rectified', why: `its name says \`${word}\`` };
  if (info !== undefined && isPinhole(info))
    return { kind: 'raw', why: 'no distortion and K as P: raw and rectified are the same' };
  return { kind: 'raw', why: 'nothing in its name says that it is rectified' };
}

function isPinhole({ d, k, p }: CameraInfo): boolean {
  const same = (a: number | undefined, b: number | undefined) => Math.abs((a ?? 0) - (b ?? 0)) < 1e-9;
  return (
    Array.from(d).every((value) => value === 0) &&
    [0, 1, 2].every((row) => [0, 1, 2].every((column) => same(k[row * 3 + column], p[row * 4 + column])))
  );
}
