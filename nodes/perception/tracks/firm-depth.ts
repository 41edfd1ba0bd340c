import type { MotionView } from '../motion/motion-view.js';

/** Between a thing and what is behind it networks smear depths: there they change by more than this factor over two pixels. */
const SMEAR = 1.08;

/** Whether a pixel has a depth that is no smear between two things. */
export function isFirm(at: number, { depth, width }: Pick<MotionView, 'depth' | 'width'>): boolean {
  const z = depth[at] as number;
  if (!(z > 0 && z < Number.POSITIVE_INFINITY)) return false;
  /** Not beyond the picture: an index below 0 would be looked up by its name. */
  const depthAt = (index: number): number =>
    index >= 0 && index < depth.length ? (depth[index] as number) : z;
  return isLevel(depthAt(at - 1), depthAt(at + 1)) && isLevel(depthAt(at - width), depthAt(at + width));
}

/** False for NaN too. */
function isLevel(a: number, b: number): boolean {
  return a <= b * SMEAR && b <= a * SMEAR;
}
