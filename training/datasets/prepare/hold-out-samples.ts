import { TrainingError } from '../../errors.js';
import type { StoreDescription } from '../stores/sample-store.js';
import type { PreparedSource } from './prepared-data.js';

export interface HeldOutSamples {
  /** The last so many are held out. */
  readonly count: number;
  /** So many before them are not used: those that look like them. */
  readonly between: number;
  readonly crop: PreparedSource['crop'];
}

/** Holds the last samples of a store out. @throws TrainingError when nothing is left to train on. */
export function holdOutSamples(
  store: { readonly folder: string; readonly description: StoreDescription },
  { count, between, crop }: HeldOutSamples,
): PreparedSource {
  const total = store.description.count;
  const training = total - count - between;
  if (training < 1) {
    throw new TrainingError(
      `${store.description.source}: expected more than \`${count + between}\` pictures with true depth, got ${total}: more data, or a smaller \`validation\``,
    );
  }
  return {
    ...{ kind: 'labelled', crop },
    training: { ...store, count: training },
    heldOut: { ...store, first: total - count, count },
  };
}
