import { TrainingError } from '../../errors.js';
import type { StoredTripletsOptions } from '../stores/stored-triplets.js';
import type { PreparedTarget } from './prepared-data.js';

/**
 * Holds the last `count` triplets out, and leaves as many between as share frames with them.
 * @throws TrainingError when nothing is left to train on.
 */
export function holdOut(
  { triplets, ...store }: StoredTripletsOptions,
  count: number,
  between: number,
): PreparedTarget {
  const total = triplets.length / 3;
  const training = total - count - between;
  if (training < 1) {
    throw new TrainingError(
      `${store.description.source}: expected more than \`${count + between}\` triplets of frames without a gap, got ${total}: a longer recording, a smaller \`spacing\` or \`validation\``,
    );
  }
  return {
    kind: 'triplets',
    training: { ...store, triplets: triplets.slice(0, 3 * training) },
    heldOut: { ...store, triplets: triplets.slice(3 * (total - count)) },
  };
}
