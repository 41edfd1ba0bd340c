import { UNLABELLED } from '../../../models/class-table.js';
import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { join, scalar, scalarFloat, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { labelsOnCamera, type NetworkView } from '../network-view.js';
import type { CameraValues, LabelGrid } from '../perception-contract.js';
import { foreignMap, foreignScores, type ScoresExpected } from './foreign-map.js';
import type { ImportedNetwork } from './imported-network.js';
import type { LabelHead } from './label-heads.js';

/** Labels of the heads of a network, each over those before it, for the camera. */
export function importedLabels(
  g: GraphBuilder,
  camera: CameraValues,
  heads: readonly LabelHead[],
  network: ImportedNetwork,
): LabelGrid {
  const view = network.seen(g, camera);
  const [labels = ''] = heads
    .map((head) => headLabels(g, camera, head, network))
    .reduce<string[]>(([under], over) => {
      if (under === undefined) return [over];
      const says = g.op('Equal', [over, byte(g, UNLABELLED)]);
      return [g.op('Where', [says, under, over])];
    }, []);
  return labelsOnCamera(g, g.op('Squeeze', [labels, vector(g, [0, 1])]), view, camera, 1);
}

/** The numbers of a head of `values: classes`, as the network gives them: float32 [1, 1, h, w]. */
function rawClasses(
  g: GraphBuilder,
  camera: CameraValues,
  head: LabelHead,
  network: ImportedNetwork,
): string {
  const output = network.compute(g, camera, network.output(head.output));
  return foreignMap(g, output, { layout: head.layout }, network.layout);
}

/** uint8 [1, 1, h, w] at the network's resolution: a class, or UNLABELLED. */
function headLabels(
  g: GraphBuilder,
  camera: CameraValues,
  head: LabelHead,
  network: ImportedNetwork,
): string {
  const view = network.seen(g, camera);
  if (head.values === 'classes') {
    const plane = rawClasses(g, camera, head, network);
    const size = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
    const full = g.op('Resize', [plane, '', '', size], {
      mode: 'nearest',
      nearest_mode: 'round_prefer_floor',
    });
    return classOfNumber(g, full, head.classOf);
  }
  const scores = scoresOf(g, camera, head, network);
  const channels = head.classOf.size;
  // Scores are upsampled before the class is chosen, as evaluations of such networks do.
  const full = resized(g, scores, channels, view);
  const best = channels === 1 ? undefined : g.op('ArgMax', [full], { axis: 1, keepdims: 1 });
  const classes =
    best === undefined ? byte(g, head.classOf.get(0) ?? UNLABELLED) : classOfChannel(g, best, head.classOf);
  if (head.values === 'logits' || head.values === 'queries') return classes;
  const { threshold } = head;
  const least = head.values === 'sigmoid' ? Math.log(threshold / (1 - threshold)) : threshold;
  const score = best === undefined ? full : g.op('ReduceMax', [full, vector(g, [1])], { keepdims: 1 });
  const reached = g.op('GreaterOrEqual', [score, scalarFloat(g, least)]);
  return g.op('Where', [reached, classes, byte(g, head.background)]);
}

function scoresOf(g: GraphBuilder, camera: CameraValues, head: LabelHead, network: ImportedNetwork): string {
  const { classOf, layout, values } = head;
  const count = classOf.size;
  const missing = Array.from({ length: count }, (_, channel) => channel).find(
    (channel) => !classOf.has(channel),
  );
  if (missing !== undefined)
    throw new TrainingError(
      `channel ${missing} is no class of the description; name it in \`classes\`, or in \`ignore\``,
    );
  if (values === 'queries') return queryScores(g, camera, head, network);
  const output = network.compute(g, camera, network.output(head.output));
  if (values === 'logits' && isOneChannel(output.shape, layout, count)) {
    throw new TrainingError(
      `${output.file}: output \`${output.name}\` has the shape [${output.shape.join(', ')}], one number a pixel: among \`logits\` of one channel there is nothing to choose. ` +
        'Say what it is: `values: probability` or `values: sigmoid` (before the sigmoid) with a `threshold` and the `background` class, or `values: classes`',
    );
  }
  // A lone channel need not have an axis.
  if (count === 1) return foreignMap(g, output, { layout }, network.layout);
  return foreignScores(g, output, expectedScores(head));
}

/** What a head of scores, one for each class, must have. */
export function expectedScores({ classOf, layout, values }: LabelHead): ScoresExpected {
  const count = classOf.size;
  const what =
    values === 'logits'
      ? `a score for each of ${count} classes`
      : `${count} channels, one for each class but the background`;
  return { layout, count, what };
}

function isOneChannel(
  shape: readonly (number | string)[],
  layout: 'NCHW' | 'NHWC' | undefined,
  count: number,
): boolean {
  const rank = shape.length;
  if (count === 1 || rank < 3) return true;
  const extent = shape[layout === 'NHWC' ? rank - 1 : rank - 3];
  if (layout === undefined && shape[rank - 1] === count) return false;
  return extent === 1;
}

/**
 * Scores of classes from masks and the classes of each, without the last class, "nothing": float32 [1, classes, h, w].
 * Source: Cheng et al. 2021 (MaskFormer), section 3.4, semantic inference.
 */
function queryScores(
  g: GraphBuilder,
  camera: CameraValues,
  head: LabelHead,
  network: ImportedNetwork,
): string {
  const count = head.classOf.size;
  if (head.masks === undefined)
    throw new TrainingError(
      '`values: queries` needs `output`, the classes of the queries, and `masks`, their masks',
    );
  const given = network.compute(g, camera, network.output(head.output));
  const masks = network.compute(g, camera, network.output(head.masks));
  const last = given.shape.at(-1);
  if (
    given.shape.length !== 3 ||
    masks.shape.length !== 4 ||
    (typeof last === 'number' && last !== count + 1)
  ) {
    throw new TrainingError(
      `${given.file}: outputs \`${given.name}\` and \`${masks.name}\` have the shapes [${given.shape.join(', ')}] and [${masks.shape.join(', ')}]; expected \`[1, queries, ${count + 1}]\`, ${count} classes and none of them, and \`[1, queries, h, w]\``,
    );
  }
  const float = (value: string, dtype: string) =>
    dtype === 'float32' ? value : g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
  const shares = g.op('Softmax', [float(given.value, given.dtype)], { axis: -1 });
  const named = g.op('Slice', [shares, vector(g, [0]), vector(g, [count]), vector(g, [2])]);
  const there = g.op('Sigmoid', [float(masks.value, masks.dtype)]);
  const extents = g.op('Shape', [masks.value]);
  const flat = g.op('Reshape', [there, vector(g, [0, 0, -1])]);
  const sums = g.op('MatMul', [g.op('Transpose', [named], { perm: [0, 2, 1] }), flat]);
  const rowsAndColumns = g.op('Slice', [extents, vector(g, [2]), vector(g, [4]), vector(g, [0])]);
  return g.op('Reshape', [sums, g.op('Concat', [vector(g, [1, count]), rowsAndColumns], { axis: 0 })]);
}

function resized(g: GraphBuilder, planes: string, channels: number, view: NetworkView): string {
  const size = join(g, [scalar(g, 1), scalar(g, channels), view.height, view.width]);
  return g.op('Resize', [planes, '', '', size], { mode: 'linear' });
}

function classOfChannel(g: GraphBuilder, channel: string, classOf: LabelHead['classOf']): string {
  const isSame = [...classOf].every(([label, index]) => label === index);
  if (isSame) return g.op('Cast', [channel], { to: ELEMENT_TYPES.uint8 });
  const table = Uint8Array.from({ length: classOf.size }, (_, label) => classOf.get(label) ?? UNLABELLED);
  return g.op('Gather', [g.constant(table, 'uint8', [table.length]), channel]);
}

/** How far from a whole number a class may lie, where the network gives floating point. */
export const CLASS_TOLERANCE = 0.01;

/** What the description does not know is no class, whatever number it is: nothing wraps around into another class. */
function classOfNumber(g: GraphBuilder, numbers: string, classOf: LabelHead['classOf']): string {
  const [least, most] = [Math.min(...classOf.keys()), Math.max(...classOf.keys())];
  const whole = g.op('Round', [numbers]);
  const apart = g.op('Abs', [g.op('Sub', [numbers, whole])]);
  const isWhole = g.op('Less', [apart, scalarFloat(g, CLASS_TOLERANCE)]);
  const known = g.op('Where', [isWhole, whole, scalarFloat(g, least - 1)]);
  const within = g.op('Clip', [known, scalarFloat(g, least - 1), scalarFloat(g, most + 1)]);
  const index = g.op('Cast', [g.op('Sub', [within, scalarFloat(g, least - 1)])], { to: ELEMENT_TYPES.int32 });
  const table = Uint8Array.from(
    { length: most - least + 3 },
    (_, i) => classOf.get(i + least - 1) ?? UNLABELLED,
  );
  return g.op('Gather', [g.constant(table, 'uint8', [table.length]), index]);
}

function byte(g: GraphBuilder, value: number): string {
  return g.constant([value], 'uint8', []);
}
