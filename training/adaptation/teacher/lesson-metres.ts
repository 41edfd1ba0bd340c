import { median } from '../../../vision/median.js';
import type { SampleStore } from '../../datasets/stores/sample-store.js';
import { staticWeight } from '../drive/survey.js';
import { LIMITS } from '../judge/limits.js';
import type { PosedTriplet } from '../learning/adaptation-batches.js';
import { depthRatio } from './align-depth.js';
import type { AskedTeacher } from './asked-teacher.js';
import type { TeacherDepth } from './teacher.js';

/** In whose metres lessons are. */
export interface LessonMetres {
  /** How the depth of each teacher is brought to them. */
  readonly depths: readonly TeacherDepth[];
  /** Scales of each drive, relative to those of its poses. */
  readonly scales: readonly number[];
}

/** Pictures that settle it. */
const PICTURES = 30;

/**
 * Lessons are in the metres that the vehicle measured, if it did. Else it is in those of the first teacher that has some and
 * that the judge would not take for another scale. Else it is in those of the running model. Other teachers are aligned with
 * these.
 */
export function lessonMetres(
  asked: readonly AskedTeacher[],
  frames: SampleStore,
  targets: readonly PosedTriplet[],
  drives: number,
  report: (line: string) => void,
): LessonMetres {
  const unscaled = Array.from({ length: drives }, () => 1);
  const [least, most] = LIMITS.scale;
  const isMeasured = targets.some(({ depthFactor }) => depthFactor !== undefined);
  let scales: readonly number[] | undefined;
  const depths = asked.map(({ teacher, notes }): TeacherDepth => {
    if (teacher.depth !== 'metric') return teacher.depth;
    if (isMeasured || scales !== undefined) return 'scalable';
    const found = unscaled.map((_, drive) => {
      const of = targets.filter((target) => target.drive === drive);
      const step = Math.max(1, Math.floor(of.length / PICTURES));
      const ratios = of
        .filter((_, i) => i % step === 0)
        .flatMap(({ target }) => {
          const { depthMeters, labels } = frames.read(target);
          return (
            depthRatio(notes.read(target).depthMeters, depthMeters, staticWeight(labels, labels.length)) ?? []
          );
        });
      return ratios.length === 0 ? 1 : median(ratios);
    });
    const text = found.map((ratio) => ratio.toFixed(3)).join(', ');
    if (found.every((ratio) => ratio >= least && ratio <= most)) {
      report(`${teacher.name}: its metres are ${text} of the running model's, and count`);
      scales = found;
      return 'metric';
    }
    report(
      `${teacher.name}: its metres are ${text} of the running model's; the judge would reject them (\`${least} to ${most}\`), ` +
        "so that the running model's count",
    );
    return 'scalable';
  });
  return { depths, scales: scales ?? unscaled };
}
