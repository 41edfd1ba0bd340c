import type { Manifest } from '../../../models/manifest.js';

/** Names of classes of long vehicles, as data sets have them. */
const LONG = /truck|lorry|bus|train|tram|trailer|caravan/i;
/** Metres. */
const LONG_VEHICLE = 10;
const VEHICLE = 5;

/** [256] how long or wide what is seen of a vehicle of each label is at most, metres. */
export function longestOfLabel(classes: Manifest['classes']): Float32Array {
  const longest = new Float32Array(256).fill(VEHICLE);
  classes.forEach(({ name }, label) => {
    if (LONG.test(name)) longest[label] = LONG_VEHICLE;
  });
  return longest;
}
