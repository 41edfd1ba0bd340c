import type { SceneError } from './scene-errors.js';

/** What the truth of drives that neither the learning nor the judge saw says of a candidate. */
export interface RealWorth {
  /** AbsRel of candidate / parent - 1, the geometric mean over the drives: below 0 is a gain; and without scaling. */
  readonly change: number;
  readonly changeMetric: number;
  /** The same of the drive that loses most. */
  readonly worstDrive: number;
  readonly scenesBetter: number;
  readonly scenes: number;
  readonly worth: 'good' | 'indifferent' | 'bad';
}

/** A candidate is good when AbsRel on drives that nobody saw falls by at least this, and none is lost. */
export const GOOD_CHANGE = -0.03;
/** It is bad when AbsRel does not fall, when a single drive loses more than this, or when the metres do. */
export const BAD = { worstDrive: 0.03, changeMetric: 0.03 } as const;

/** @param before, after errors of parent and candidate on the same scenes. */
export function realWorth(before: readonly SceneError[], after: readonly SceneError[]): RealWorth {
  const names = [...new Set(before.map(({ drive }) => drive))];
  const ratios = (of: (scene: SceneError) => number): number[] =>
    names.map((name) => {
      const mean = (scenes: readonly SceneError[]) => {
        const own = scenes.filter(({ drive }) => drive === name);
        return own.reduce((sum, scene) => sum + of(scene), 0) / own.length;
      };
      return mean(after) / mean(before);
    });
  const geometric = (values: readonly number[]) =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length) - 1;
  const scaled = ratios(({ absRel }) => absRel);
  const figures = {
    change: geometric(scaled),
    changeMetric: geometric(ratios(({ absRelMetric }) => absRelMetric)),
    worstDrive: Math.max(...scaled) - 1,
    scenesBetter: before.filter(({ absRel }, i) => after[i].absRel < absRel).length,
    scenes: before.length,
  };
  const bad = !(
    figures.change < 0 &&
    figures.worstDrive <= BAD.worstDrive &&
    figures.changeMetric <= BAD.changeMetric
  );
  return { ...figures, worth: bad ? 'bad' : figures.change <= GOOD_CHANGE ? 'good' : 'indifferent' };
}
