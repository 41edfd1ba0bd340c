import type { SemanticClass } from '../../../models/class-table.js';

/** Names of what one drives and walks on, as data sets have them. */
const GROUND =
  /^(road|street|sidewalk|pavement|terrain|ground|floor|earth|grass|path|dirt|sand|parking|lane.*|drivable.*|rug|carpet|crosswalk)$/i;

/** [256] 1 for each of a model's labels that is ground. */
export function groundLabels(classes: readonly Pick<SemanticClass, 'name'>[]): Uint8Array {
  const ground = new Uint8Array(256);
  classes.forEach(({ name }, label) => {
    if (GROUND.test(name.trim())) ground[label] = 1;
  });
  return ground;
}
