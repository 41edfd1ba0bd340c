import { ModelRunner } from '../../../models/model-runner.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { smoothPicture, TRIAL_CAMERA, TRIAL_SIZE } from './trial-pictures.js';

const { width: WIDTH, height: HEIGHT } = TRIAL_SIZE;

/**
 * Opens a model folder and runs it on a smooth picture.
 * @returns what it said, for people: a range of depths that makes no sense hints at a wrong description.
 * @throws TrainingError when the runtime refuses the graph or its outputs do not have the picture's size.
 */
export async function tryModel(folder: string): Promise<string> {
  try {
    const runner = await ModelRunner.open(folder);
    try {
      const { depth, labels } = await runner.run(smoothPicture(), TRIAL_CAMERA);
      if (depth.length !== WIDTH * HEIGHT) throw new TrainingError(`it gives ${depth.length} depths`);
      const { metric, kind } = runner.manifest.depth;
      return [
        `tried on a smooth ${WIDTH}x${HEIGHT} picture:`,
        [
          kind === 'none' ? 'no depth' : `depth ${rangeOf(depth)}${metric ? ' m' : ' (relative)'}`,
          ...(labels === undefined ? [] : [countOf(labels)]),
        ].join(', '),
      ].join(' ');
    } finally {
      await runner.close();
    }
  } catch (cause) {
    const [reason = ''] = messageOf(cause).trim().split('\n');
    throw new TrainingError(`The imported graph does not run: ${reason}`, { cause });
  }
}

function countOf(labels: Uint8Array): string {
  const count = new Set(labels).size;
  return count === 1 ? '1 class' : `${count} classes`;
}

function rangeOf(depth: Float32Array): string {
  const finite = depth.filter(Number.isFinite).sort();
  if (finite.length === 0) return 'nowhere finite';
  const at = (share: number) =>
    (finite[Math.floor(share * (finite.length - 1))] ?? Number.NaN).toPrecision(3);
  const unknown = 100 * (1 - finite.length / depth.length);
  return `${at(0)}..${at(0.5)}..${at(1)}${unknown > 0 ? ` (${unknown.toFixed(1)}% not finite)` : ''}`;
}
