import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GRAPH_INPUTS, type GraphInput } from '../../../models/graph-contract.js';
import { InferenceSession } from '../../../models/onnxruntime.js';
import { pictureFeeds } from '../../../models/perceive.js';
import { TrainingError } from '../../errors.js';
import { GraphBuilder } from '../../onnx/graph-builder.js';
import { cameraValues } from '../perception-contract.js';
import { CLASS_TOLERANCE, rawClasses } from './imported-labels.js';
import type { ImportedParts } from './imported-stages.js';
import type { LabelHead } from './label-heads.js';
import { colourfulPictures, TRIAL_CAMERA } from './trial-pictures.js';

const PROBE_FILE = 'probe.onnx';
/** More numbers than this are not listed. */
const MOST_LISTED = 12;

function isNumbered({ values }: LabelHead): boolean {
  return values === 'classes';
}

/** A graph that gives the numbers of outputs with `values: classes` as they are; undefined where there are none. */
export function classesProbe({ labels }: ImportedParts, opset: number): Uint8Array | undefined {
  if (labels?.from !== 'network' || !labels.heads.some(isNumbered)) return undefined;
  const g = new GraphBuilder('probe');
  const input = (name: GraphInput) => g.input(name, GRAPH_INPUTS[name].type, GRAPH_INPUTS[name].shape);
  const camera = cameraValues(g, {
    ...{ image: input('image'), width: input('width'), bytesPerPixel: input('bytes_per_pixel') },
    ...{ channelOrder: input('channel_order'), k: input('k'), scale: input('scale') },
  });
  for (const [i, head] of labels.heads.filter(isNumbered).entries())
    g.output(`numbers_${i}`, rawClasses(g, camera, head, labels.network), 'float32', [1, 1, 'h', 'w']);
  return g.toModel({ opset });
}

/**
 * Runs the probe on pictures of many colours: every number must be a class of the description, or ignored.
 * @param folder with the weights; nothing stays in it.
 * @throws TrainingError naming the numbers that are not.
 */
export async function checkClasses(
  folder: string,
  probe: Uint8Array,
  { labels }: ImportedParts,
): Promise<void> {
  if (labels?.from !== 'network') return;
  const file = path.join(folder, PROBE_FILE);
  await writeFile(file, probe);
  try {
    const session = await InferenceSession.create(file, { logSeverityLevel: 4 });
    try {
      const seen = labels.heads.filter(isNumbered).map(() => new Set<number>());
      for (const picture of colourfulPictures()) {
        const outputs = await session.run(pictureFeeds(picture, TRIAL_CAMERA, { labels: false }));
        for (const [i, numbers] of seen.entries())
          for (const number of outputs[`numbers_${i}`].data as Float32Array) numbers.add(number); // declared so
      }
      for (const [i, head] of labels.heads.filter(isNumbered).entries()) checkNumbers(seen[i], head);
    } finally {
      await session.release();
    }
  } finally {
    await rm(file, { force: true });
  }
}

function checkNumbers(numbers: ReadonlySet<number>, { output, classOf }: LabelHead): void {
  const of = output === undefined ? 'the network' : `output \`${output}\``;
  const between = [...numbers].find((number) => !(Math.abs(number - Math.round(number)) < CLASS_TOLERANCE));
  if (between !== undefined) {
    throw new TrainingError(
      `\`values: classes\`: ${of} gives numbers such as ${between.toPrecision(3)}, which are no classes. ` +
        'Scores are `values: logits`; one channel of probabilities, or of scores before a sigmoid, is `values: probability` or `values: sigmoid`.',
    );
  }
  const unknown = [...new Set([...numbers].map(Math.round))]
    .filter((label) => !classOf.has(label))
    .sort((a, b) => a - b);
  if (unknown.length === 0) return;
  const known = [...classOf.keys()].sort((a, b) => a - b);
  const more = unknown.length > MOST_LISTED ? `, ... (${unknown.length})` : '';
  throw new TrainingError(
    `\`values: classes\`: ${of} gives ${unknown.slice(0, MOST_LISTED).join(', ')}${more}, which the description does not know; it has ${known[0]} to ${known.at(-1)}. ` +
      "List every class, or name what is none in `ignore`. Cityscapes' ids 0 to 33 are `classes: cityscapes-ids`.",
  );
}
