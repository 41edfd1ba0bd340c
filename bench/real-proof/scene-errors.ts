import type { PictureModel } from '../../models/model-runner.js';
import { SampleStore } from '../../training/datasets/stores/sample-store.js';
import { depthMetrics } from '../../training/evaluation/metrics/depth-metrics.js';
import type { SurveyedDrive } from './surveyed-drive.js';

/** A stretch of a drive. */
export interface SceneError {
  readonly drive: string;
  /** AbsRel scaled by the median of each picture, and in metres as they come; cap 80 m, Garg crop. */
  readonly absRel: number;
  readonly absRelMetric: number;
}

/** Pictures with truth of one scene. */
const SCENE = 14;

/** A model against the truth of a drive, scene by scene. */
export async function sceneErrors(
  model: PictureModel,
  { name, truth, whole, view }: SurveyedDrive,
): Promise<SceneError[]> {
  const store = SampleStore.open(whole.store.folder, whole.store.description);
  const rows: { absRel: number; absRelMetric: number }[] = [];
  try {
    for (const [index, sparse] of truth) {
      const { depth } = await model.run(store.read(index), view.intrinsics);
      const scaled = depthMetrics(sparse, depth);
      const metric = depthMetrics(sparse, depth, { medianScaling: false });
      if (scaled === undefined || metric === undefined) continue;
      rows.push({ absRel: scaled.absRel, absRelMetric: metric.absRel });
    }
  } finally {
    store.close();
  }
  const scenes = Math.max(1, Math.round(rows.length / SCENE));
  return Array.from({ length: scenes }, (_, scene) => {
    const at = (end: number) => Math.floor((end * rows.length) / scenes);
    const part = rows.slice(at(scene), at(scene + 1));
    const mean = (of: (row: (typeof rows)[number]) => number) =>
      part.reduce((sum, row) => sum + of(row), 0) / part.length;
    return {
      drive: name,
      absRel: mean((row) => row.absRel),
      absRelMetric: mean((row) => row.absRelMetric),
    };
  });
}
