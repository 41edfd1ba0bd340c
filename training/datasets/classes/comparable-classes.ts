import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { representativesOf } from './class-set-labels.js';
import { CLASS_SETS, type ClassSet } from './class-sets.js';

/** How labels of a list of classes compare with trainIds. */
export interface ComparableClasses {
  /** trainId of each label 0..255, 255 = none of them; of merged classes the first that is merged. */
  readonly trainIds: Uint8Array;
  /**
   * The sets that figures are worth giving for: those whose every class the labels can say. A model of 16 classes would be
   * marked down over 19 for what it was never asked. All sets where the labels cover none.
   */
  readonly sets: readonly ClassSet[];
}

/**
 * Compares labels by the names of their classes: those of Cityscapes, or exactly those of a class set that merges them.
 * @param names by label. @returns undefined when none of them is Cityscapes'.
 */
export function comparableClasses(names: readonly string[]): ComparableClasses | undefined {
  const lower = names.map((name) => name.toLowerCase());
  const merged = CLASS_SETS.find(
    ({ classNames }) =>
      classNames.length === lower.length && classNames.every((name, label) => name === lower[label]),
  );
  const trainIds = new Uint8Array(256).fill(UNLABELLED);
  if (merged !== undefined) trainIds.set(representativesOf(merged));
  else
    for (const [label, name] of lower.entries()) {
      const trainId = CITYSCAPES_CLASSES.findIndex((known) => known.name === name);
      if (trainId >= 0) trainIds[label] = trainId;
    }
  if (trainIds.every((trainId) => trainId === UNLABELLED)) return undefined;
  const covered = CLASS_SETS.filter(
    (set) => (isMerging(set) || !isMergedAlone(merged)) && covers(trainIds, set),
  );
  return { trainIds, sets: covered.length === 0 ? CLASS_SETS : covered };
}

/** Whether some class of the set is said by several trainIds. */
function isMerging({ indexOfTrainId, classNames }: ClassSet): boolean {
  return indexOfTrainId.filter((index) => index !== undefined).length > classNames.length;
}

/** Labels of merged classes can only be compared as such: they do not tell the members apart. */
function isMergedAlone(set: ClassSet | undefined): boolean {
  return set !== undefined && isMerging(set);
}

function covers(trainIds: Uint8Array, { classNames, indexOfTrainId }: ClassSet): boolean {
  const said = new Set([...trainIds].map((trainId) => indexOfTrainId[trainId]));
  return classNames.every((_, index) => said.has(index));
}
