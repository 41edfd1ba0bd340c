import { parseDataSpec } from '../../datasets/data-spec.js';
import { prepareDepthSource } from '../../datasets/prepare/prepare-data.js';
import { preparePictures } from '../../datasets/prepare/prepare-pictures.js';
import type { Preparation, PreparedPictures, PreparedSource } from '../../datasets/prepare/prepared-data.js';
import { TrainingError } from '../../errors.js';
import { sizedPreparation } from '../../runs/sized-preparation.js';
import type { S2rOptions } from './s2r-options.js';

/** The style set that is made of the source's own pictures. */
export const PROCEDURAL = 'procedural';

/** Pictures with depth; the last are held out, of simulated ones as many as asked for. */
export async function prepareS2rSource(
  options: S2rOptions,
  preparation: Preparation,
): Promise<PreparedSource> {
  const { source, validation } = options;
  const made = await prepareDepthSource(source, sizedPreparation(options, preparation));
  if (made.heldOut.count > 0) return made;
  const count = made.training.count - validation;
  if (count < 1) {
    throw new TrainingError(
      `--source ${source}: expected more than \`${validation}\` samples, which are held out, got ${made.training.count}; ask for more of them, or a smaller --validation`,
      { field: '--source' },
    );
  }
  return {
    ...made,
    training: { ...made.training, count },
    heldOut: { ...made.training, first: (made.training.first ?? 0) + count, count: validation },
  };
}

/** Pictures of many styles, for step 1 alone. */
export async function prepareStyleSet(
  options: S2rOptions,
  preparation: Preparation,
): Promise<PreparedPictures> {
  const { style, translationWidth: width, translationHeight: height } = options;
  if (style !== PROCEDURAL) {
    parseDataSpec(style);
    return preparePictures(style, sizedPreparation(options, preparation, { width, height }), '--style');
  }
  const { training, heldOut, crop } = await prepareS2rSource(options, preparation);
  return { kind: 'pictures', training, heldOut, crop };
}
