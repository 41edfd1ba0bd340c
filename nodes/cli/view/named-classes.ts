import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import type { LabelInfo } from '../../../msgs/label-info.js';
import type { WireClass } from '../../viewer/page-protocol.js';

/** Labels are of one byte. */
const MOST_CLASSES = 256;

/** The classes that a message names, by their numbers, in the colours that the shipped model gives them. */
export function namedClasses({ class_map }: Pick<LabelInfo, 'class_map'>): WireClass[] {
  const names = new Map(class_map.map(({ class_id, class_name }) => [class_id, class_name]));
  const count = Math.min(MOST_CLASSES, Math.max(-1, ...names.keys()) + 1);
  return Array.from({ length: count }, (_, id) => {
    const name = names.get(id) ?? `class ${id}`;
    return (
      CITYSCAPES_CLASSES.find((known) => known.name === name) ?? { name, color: colorOf(id), dynamic: false }
    );
  });
}

/** Neighbouring numbers far apart on the circle of hues. */
function colorOf(index: number): [number, number, number] {
  const hue = (index * 137.5) % 360;
  const channel = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.5 - 0.35 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
