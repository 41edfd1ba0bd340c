import type { PictureModel } from '../../../models/model-runner.js';
import type { Sample } from '../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { Random } from '../../simulator/random.js';
import { restyled } from '../learning/restyle.js';
import { judgeSource, type SampleFigures, type SourceFigures } from './judge-source.js';

/** Seed of the noise that restyling adds. */
const SEED = 5;

/**
 * Both models on the source's labelled samples in the look of pictures of drives. What a model would be worth on drives of
 * that look in other places. One that has learned its drive by heart is better there and worse here.
 * @param looks pictures in a store; the samples are given their looks evenly.
 * @param memo as judgeSource has it.
 */
export async function judgeLook(
  looks: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly frames: readonly number[];
  },
  source: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly indices: readonly number[];
  },
  parent: PictureModel,
  candidate: PictureModel,
  memo?: Map<number, SampleFigures>,
): Promise<SourceFigures> {
  const { frames } = looks;
  const store = SampleStore.open(looks.folder, looks.description);
  try {
    const look = (sample: Sample, position: number): Uint8Array => {
      const at = Math.floor(((position + 0.5) * frames.length) / source.indices.length);
      return restyled(sample, store.read(frames[at]), new Random(SEED, position));
    };
    return await judgeSource(source, { indices: source.indices, parent, candidate, look, memo });
  } finally {
    store.close();
  }
}
