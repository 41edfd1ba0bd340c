import { parseDataSpec } from '../../datasets/data-spec.js';
import { FRAME_SET_KINDS, openFrameSet } from '../../datasets/files/open-frame-set.js';
import { TrainingError } from '../../errors.js';
import { bagSource } from './bag-source.js';
import type { EvaluationSource } from './evaluation-source.js';
import { frameSetSource } from './frame-set-source.js';
import { simulatorSource } from './simulator-source.js';

/**
 * Opens what a model is evaluated on: `simulator:DOMAIN`, `bag:PATH`, or a published data set as `openFrameSet` reads it.
 * @param options beside those in the text.
 * @param limit only the first pictures.
 * @throws TrainingError when the text reads otherwise, or the data are not there.
 */
export async function openSource(
  text: string,
  options: Readonly<Record<string, string>> = {},
  limit?: number,
): Promise<EvaluationSource> {
  const parsed = parseDataSpec(text);
  const spec = { ...parsed, options: { ...parsed.options, ...options } };
  if (spec.kind === 'simulator') return simulatorSource(spec, limit);
  if (spec.kind === 'bag') return await bagSource(spec, limit);
  if (FRAME_SET_KINDS.includes(spec.kind)) return frameSetSource(await openFrameSet(spec), limit);
  const known = ['simulator:DOMAIN', 'bag:PATH', ...FRAME_SET_KINDS.map((kind) => `${kind}:ROOT`)];
  throw new TrainingError(
    `--dataset: expected ${known.map((kind) => `\`${kind}\``).join(', ')}, got \`${text}\`.`,
    { field: '--dataset' },
  );
}
