import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { comparableClasses } from '../../datasets/classes/comparable-classes.js';

/** What others call Cityscapes' classes. Lane markings are painted on the road, and drivable area is road. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  road: [
    'drivable',
    'drivable area',
    'driveable',
    'driveable area',
    'lane',
    'lane line',
    'lane marking',
    'street',
  ],
  sidewalk: ['pavement', 'footpath'],
  vegetation: ['tree', 'plant'],
  'traffic sign': ['sign'],
  'traffic light': ['signal'],
  person: ['pedestrian', 'people', 'human'],
  rider: ['cyclist', 'motorcyclist'],
  car: ['auto'],
  truck: ['lorry'],
  motorcycle: ['motorbike'],
  bicycle: ['bike'],
};

/**
 * trainId of each label 0..255 of a teacher, 255 for what has none: its background says what a pixel is not.
 * @param names of its classes by label.
 */
export function taughtClasses(names: readonly string[]): Uint8Array {
  const trainIds = new Uint8Array(256).fill(UNLABELLED);
  // A set of merged classes (vehicle, human) does not tell its members apart.
  const known = comparableClasses(names)?.sets.some(({ classNames }) => classNames.length === names.length);
  for (const [label, name] of names.entries()) {
    const plain = name
      .toLowerCase()
      .replaceAll(/[\s_-]+/g, ' ')
      .trim();
    const trainId = CITYSCAPES_CLASSES.findIndex(
      (each) => each.name === plain || (known !== true && OTHER_NAMES[each.name]?.includes(plain)),
    );
    if (trainId >= 0) trainIds[label] = trainId;
  }
  return trainIds;
}
