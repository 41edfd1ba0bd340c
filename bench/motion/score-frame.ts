import type { Image } from '../../msgs/image.js';
import type { PointCloud2 } from '../../msgs/point-cloud2.js';
import { readPoints } from '../../msgs/read-points.js';
import { DYNAMIC_CLASSES } from '../../training/losses/dynamic-masks.js';
import { MovingScore } from './moving-score.js';

/** A frame of a replay with its truth; images of one size. */
export interface JudgedFrame {
  /** `dynamic/moving`, `segmentation/labels`. */
  readonly moving: Image;
  readonly labels: Image;
  readonly points: PointCloud2;
  readonly staticPoints: PointCloud2;
  /** Of the simulator. */
  readonly instances: Image;
  readonly trueLabels: Image;
  readonly movingInstances: ReadonlySet<number>;
}

/** Smaller things do not count as things, pixels of the picture: about 12 by 5. */
const LEAST_PIXELS = 60;

/** [H, W] 1 on the pixels of dynamic classes that belong to something that moves. */
export function trulyMoving({ instances, trueLabels, movingInstances }: JudgedFrame): Uint8Array {
  const ids = instancesOf(instances);
  return trueLabels.data.map((label, i) =>
    DYNAMIC_CLASSES.includes(label) && movingInstances.has(ids[i]) ? 1 : 0,
  );
}

export function scoreFrame(frame: JudgedFrame): MovingScore {
  const { moving, labels, instances, trueLabels, movingInstances } = frame;
  const score = new MovingScore();
  const truth = trulyMoving(frame);
  const ids = instancesOf(instances);
  const things = new Map<number, { pixels: number; seen: number; marked: number }>();
  for (let i = 0; i < truth.length; i++) {
    const marked = moving.data[i] !== 0;
    const isDynamic = DYNAMIC_CLASSES.includes(trueLabels.data[i]);
    if (truth[i] === 1) score.pixels[marked ? 'hit' : 'missed']++;
    else if (marked) {
      score.pixels.wrong++;
      if (isDynamic) score.parkedPixels++;
    }
    if (!isDynamic || ids[i] === 0) continue;
    const thing = things.get(ids[i]) ?? { pixels: 0, seen: 0, marked: 0 };
    things.set(ids[i], thing);
    thing.pixels++;
    if (DYNAMIC_CLASSES.includes(labels.data[i])) thing.seen++;
    if (marked) thing.marked++;
  }
  for (const [id, { pixels, seen, marked }] of things) {
    if (pixels < LEAST_PIXELS) continue;
    const moves = movingInstances.has(id);
    if (seen < pixels / 2) score.unseen += moves ? 1 : 0;
    else if (marked > seen / 2) score.things[moves ? 'hit' : 'wrong']++;
    else score.things[moves ? 'missed' : 'right']++;
  }
  scorePoints(frame, truth, score);
  return score;
}

function scorePoints(
  { points, staticPoints, trueLabels, instances }: JudgedFrame,
  truth: Uint8Array,
  score: MovingScore,
): void {
  const [all, kept] = [readPoints(points), readPoints(staticPoints)];
  const ids = instancesOf(instances);
  const stride = Math.round(trueLabels.width / points.width);
  for (let i = 0; i < all.count; i++) {
    if (!Number.isFinite(all.z[i])) continue;
    const at = Math.floor(i / points.width) * stride * trueLabels.width + (i % points.width) * stride;
    if (ids[at] === 0 || !DYNAMIC_CLASSES.includes(trueLabels.data[at])) continue;
    const tally = truth[at] === 1 ? score.moving : score.standing;
    tally.points++;
    if (Number.isFinite(kept.z[i])) tally.kept++;
  }
}

/** mono16, little endian. */
function instancesOf({ data }: Image): Uint16Array {
  return new Uint16Array(data.slice().buffer);
}
