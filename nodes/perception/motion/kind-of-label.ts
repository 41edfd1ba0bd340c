import type { Manifest } from '../../../models/manifest.js';
import { KIND } from './motion-view.js';

/** Names of classes of people, as data sets have them; other dynamic classes are vehicles. */
const PEOPLE = /person|people|pedestrian|human|rider|cyclist/i;

/** [256] KIND of each of a model's labels. */
export function kindOfLabel(classes: Manifest['classes']): Uint8Array {
  const kinds = new Uint8Array(256).fill(KIND.none);
  classes.forEach(({ name, dynamic }, label) => {
    if (dynamic) kinds[label] = PEOPLE.test(name) ? KIND.person : KIND.vehicle;
  });
  return kinds;
}
