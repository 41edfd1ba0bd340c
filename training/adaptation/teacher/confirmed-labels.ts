import { UNLABELLED } from '../../../models/class-table.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';

/** What was said about a neighbouring picture. */
export interface LabelledNeighbour {
  readonly labels: Uint8Array;
  readonly sourceFromTarget: RigidTransform;
}

/**
 * Labels that last: those that every neighbour which shows the same place gives it too, and at least one does; the others are
 * 255.
 * @param labels [H, W]. @param depthMeters [H, W]; what is not finite and positive is infinitely far.
 */
export function confirmedLabels(
  labels: Uint8Array,
  depthMeters: Float32Array,
  neighbours: readonly LabelledNeighbour[],
  view: { readonly width: number; readonly height: number; readonly intrinsics: Intrinsics },
): Uint8Array {
  const { width, height } = view;
  const { fx, fy, cx, cy } = view.intrinsics;
  const result = new Uint8Array(labels.length).fill(UNLABELLED);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (labels[i] === UNLABELLED) continue;
      const [rx, ry] = [(x - cx) / fx, (y - cy) / fy];
      const w = depthMeters[i] > 0 ? 1 / depthMeters[i] : 0;
      let [seen, same] = [0, 0];
      for (const { labels: there, sourceFromTarget: m } of neighbours) {
        const z = m[8] * rx + m[9] * ry + m[10] + w * m[11];
        if (!(z > 1e-3)) continue;
        const u = Math.round((fx * (m[0] * rx + m[1] * ry + m[2] + w * m[3])) / z + cx);
        const v = Math.round((fy * (m[4] * rx + m[5] * ry + m[6] + w * m[7])) / z + cy);
        if (u < 0 || v < 0 || u >= width || v >= height) continue;
        seen++;
        if (there[v * width + u] === labels[i]) same++;
      }
      if (seen > 0 && same === seen) result[i] = labels[i];
    }
  }
  return result;
}
