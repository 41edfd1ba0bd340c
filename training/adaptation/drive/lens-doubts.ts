import { SampleStore } from '../../datasets/stores/sample-store.js';
import { type LensEvidence, lensEvidence } from './lens-evidence.js';
import type { Drives } from './survey-drives.js';

/** Pictures of a drive that are asked. */
const MOST = 8;
/** Fewer say nothing. */
const LEAST = 4;

/**
 * What the pictures of each drive say against its camera_info, for people; empty where they do not. Nothing is changed by it:
 * the node would still see with the lens that the camera_info says.
 */
export function lensDoubts({ adapt, views, frames }: Drives, names: readonly string[]): string[] {
  const store = SampleStore.open(frames.folder, frames.description);
  try {
    return views.flatMap(({ intrinsics }, drive) => {
      const own = adapt.filter((triplet) => triplet.drive === drive);
      if (own.length < LEAST) return [];
      const count = Math.min(MOST, own.length);
      const chosen = Array.from(
        { length: count },
        (_, i) => own[Math.floor(((i + 0.5) * own.length) / count)],
      );
      const seen = chosen.map(({ target, next }) => ({ target: store.read(target), next: store.read(next) }));
      const better = lensEvidence(seen, intrinsics).filter(({ tells }) => tells);
      const [best] = better.sort((a, b) => a.change.mean - b.change.mean);
      return best === undefined ? [] : [doubt(names[drive], best)];
    });
  } finally {
    store.close();
  }
}

function doubt(name: string, { error: { focal, k1 }, change: { mean, low, high } }: LensEvidence): string {
  const what =
    k1 === 0
      ? `a focal length ${focal} times that of its camera_info`
      : `a radial distortion of about ${k1} beside its camera_info`;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return (
    `${name}: with ${what} its pictures fit together better (residual ${percent(mean)}, 95 % ${percent(low)} to ` +
    `${percent(high)}); calibrate the camera, depth learned with a wrong lens is wrong`
  );
}
