import { CITYSCAPES_CLASSES, type SemanticClass, UNLABELLED } from '../../../models/class-table.js';
import { TrainingError } from '../../errors.js';
import { CLASS_SETS, type ClassSet } from './class-sets.js';

/** The set called `19`, `16`, `13` or `7`. @throws TrainingError for any other. */
export function classSetNamed(name: string): ClassSet {
  const found = CLASS_SETS.find((set) => set.name === name);
  if (found !== undefined) return found;
  const known = CLASS_SETS.map((set) => `\`${set.name}\``).join(', ');
  throw new TrainingError(`classes: expected ${known}, got \`${name}\``);
}

/** The set's index of each trainId 0..255, 255 where the set has no such class: what a network of the set learns. */
export function labelTableOf(set: ClassSet): number[] {
  return Array.from({ length: 256 }, (_, trainId) => set.indexOfTrainId[trainId] ?? UNLABELLED);
}

/** A trainId for each of the set's classes: the first of those that it merges. */
export function representativesOf({ classNames, indexOfTrainId }: ClassSet): number[] {
  return classNames.map((_, index) => indexOfTrainId.indexOf(index));
}

/** The set's classes as a model folder lists them: colours of their representatives, dynamic where any member is. */
export function semanticClassesOf(set: ClassSet): SemanticClass[] {
  return representativesOf(set).map((trainId, index) => ({
    name: set.classNames[index] ?? '',
    color: CITYSCAPES_CLASSES[trainId]?.color ?? [0, 0, 0],
    dynamic: CITYSCAPES_CLASSES.some((known, id) => known.dynamic && set.indexOfTrainId[id] === index),
  }));
}
