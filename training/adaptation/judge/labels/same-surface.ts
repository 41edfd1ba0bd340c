import { depthFrame, directPose } from '../../../../vision/direct-pose.js';
import { slopedPyramid } from '../../../../vision/sloped-pyramid.js';
import type { Sample } from '../../../datasets/stores/sample.js';
import { PYRAMID_LEVELS, staticWeight } from '../../drive/survey.js';

/** Depths that differ by more, as |a - b| / (a + b), are not of the same surface. */
const OCCLUDED = 0.15;
/** What is too far lies here, metres: it does not move by a pixel. */
const FARTHEST = 1e5;

/**
 * Where the surfaces of a picture are seen in the next one, by depth and the motion that direct alignment finds. What is
 * hidden there, outside, or moves by itself is nowhere.
 * @param sample, next pictures with depth and labels of one camera.
 * @returns [H, W]: index of the next picture's pixel; -1 for nowhere. Undefined where no motion is found.
 */
export function sameSurface(sample: Sample, next: Sample): Int32Array | undefined {
  const { width, height, depthMeters, labels, intrinsics } = sample;
  const { fx, fy, cx, cy } = intrinsics;
  const still = staticWeight(labels, depthMeters.length);
  const frame = depthFrame(slopedPyramid(sample, PYRAMID_LEVELS), depthMeters, still, intrinsics);
  const m = directPose(frame, slopedPyramid(next, PYRAMID_LEVELS), 1)?.sourceFromTarget;
  if (m === undefined) return undefined;
  const same = new Int32Array(depthMeters.length).fill(-1);
  for (let i = 0; i < same.length; i++) {
    const z = Math.min(depthMeters[i], FARTHEST);
    if (!(z > 0)) continue;
    const x = (((i % width) - cx) / fx) * z;
    const y = ((Math.floor(i / width) - cy) / fy) * z;
    const depth = m[8] * x + m[9] * y + m[10] * z + m[11];
    if (!(depth > 0.1)) continue;
    const column = Math.round((fx * (m[0] * x + m[1] * y + m[2] * z + m[3])) / depth + cx);
    const row = Math.round((fy * (m[4] * x + m[5] * y + m[6] * z + m[7])) / depth + cy);
    if (!(column >= 0 && row >= 0 && column < width && row < height)) continue;
    const at = row * width + column;
    const there = Math.min(next.depthMeters[at], FARTHEST);
    if (Math.abs(depth - there) / (depth + there) < OCCLUDED) same[i] = at;
  }
  return same;
}
