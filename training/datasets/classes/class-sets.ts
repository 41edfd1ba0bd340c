import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';

/** A list of classes over which IoU is reported, made from the 19 Cityscapes trainIds. */
export interface ClassSet {
  readonly name: string;
  readonly classNames: readonly string[];
  /** Index = trainId; value = index into `classNames`, or undefined where the set does not have the class. */
  readonly indexOfTrainId: readonly (number | undefined)[];
}

/** 19 classes; 16 without terrain, truck, train; 13 also without wall, fence, pole; 7 super-classes (Cityscapes'). */
export const CLASS_SETS: readonly ClassSet[] = [
  without('19', []),
  without('16', ['terrain', 'truck', 'train']),
  without('13', ['terrain', 'truck', 'train', 'wall', 'fence', 'pole']),
  merged('7', {
    flat: ['road', 'sidewalk'],
    construction: ['building', 'wall', 'fence'],
    object: ['pole', 'traffic light', 'traffic sign'],
    nature: ['vegetation', 'terrain'],
    sky: ['sky'],
    human: ['person', 'rider'],
    vehicle: ['car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'],
  }),
];

function without(name: string, dropped: readonly string[]): ClassSet {
  const classNames = CITYSCAPES_CLASSES.map((entry) => entry.name).filter(
    (entry) => !dropped.includes(entry),
  );
  return { name, classNames, indexOfTrainId: trainIdIndices((entry) => classNames.indexOf(entry)) };
}

function merged(name: string, groups: Readonly<Record<string, readonly string[]>>): ClassSet {
  const members = Object.values(groups);
  return {
    name,
    classNames: Object.keys(groups),
    indexOfTrainId: trainIdIndices((entry) => members.findIndex((group) => group.includes(entry))),
  };
}

function trainIdIndices(indexOf: (name: string) => number): (number | undefined)[] {
  return CITYSCAPES_CLASSES.map(({ name }) => {
    const index = indexOf(name);
    return index < 0 ? undefined : index;
  });
}
