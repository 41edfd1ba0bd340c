import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import type { Dimension } from '../../onnx/model-proto.js';
import { element, join, scalar } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import type { MapPlace } from './import-schema.js';
import type { NetworkOutput } from './imported-network.js';

/** More channels than points, colours and a confidence have: a last axis longer than this is a width. */
const MOST_LAST_CHANNELS = 4;

/** Which axes of an output are which; `rows + 1` are the columns. */
export interface MapAxes {
  readonly rows: number;
  readonly channelAxis: number;
}

type OutputShape = Pick<NetworkOutput, 'file' | 'name' | 'shape'>;

/** Axes of a map of one number a pixel, by what the file says of its extents and the description of its place. */
export function mapAxes(
  shape: readonly Dimension[],
  { channel, layout }: MapPlace,
  inputLayout: 'NCHW' | 'NHWC',
): MapAxes {
  const rank = shape.length;
  const channelsLast = isChannelsLast(shape, layout, inputLayout, channel !== undefined);
  return channelsLast ? { rows: rank - 3, channelAxis: rank - 1 } : { rows: rank - 2, channelAxis: rank - 3 };
}

/** @throws TrainingError where an output has several numbers a pixel and the description does not say which. */
export function checkMap(
  { file, name, shape }: OutputShape,
  { channel }: MapPlace,
  { rows, channelAxis }: MapAxes,
): void {
  const text = `${file}: output \`${name}\` has the shape [${shape.join(', ')}]`;
  if (rows < 0) throw new TrainingError(`${text}; expected one number a pixel: ${ONE_NUMBER}`);
  const others = shape.filter(
    (_, axis) => axis !== rows && axis !== rows + 1 && !(axis === channelAxis && channel !== undefined),
  );
  if (others.some((extent) => typeof extent === 'number' && extent !== 1)) {
    const several = shape[channelAxis];
    throw new TrainingError(
      channel === undefined && typeof several === 'number' && several > 1
        ? `${text}; expected one number a pixel: ${ONE_NUMBER}; or \`channel: 0\` to ${several - 1}, where it has several`
        : `${text}; expected one number a pixel: ${ONE_NUMBER}`,
    );
  }
  if (channel === undefined) return;
  const extent = shape[channelAxis];
  if (extent === undefined) throw new TrainingError(`${text}, without channels; leave \`channel\` out`);
  if (typeof extent === 'number' && channel >= extent)
    throw new TrainingError(`${text}; expected a \`channel\` of 0 to ${extent - 1}, got ${channel}`);
}

/**
 * A map of one number a pixel, whichever axes of one element it has: float32 [1, 1, h, w].
 * @param inputLayout of the network's image, where the file does not tell the extents.
 * @throws TrainingError where it has several numbers a pixel and the description does not say which.
 */
export function foreignMap(
  g: GraphBuilder,
  output: NetworkOutput,
  place: MapPlace,
  inputLayout: 'NCHW' | 'NHWC',
): string {
  const { value, dtype, shape } = output;
  const { channel } = place;
  const axes = mapAxes(shape, place, inputLayout);
  checkMap(output, place, axes);
  const { rows, channelAxis } = axes;
  const picked =
    channel === undefined ? value : g.op('Gather', [value, scalar(g, channel)], { axis: channelAxis });
  const extents = g.op('Shape', [value]);
  const target = join(g, [
    scalar(g, 1),
    scalar(g, 1),
    element(g, extents, rows),
    element(g, extents, rows + 1),
  ]);
  const plane = g.op('Reshape', [picked, target]);
  return dtype === 'float32' ? plane : g.op('Cast', [plane], { to: ELEMENT_TYPES.float32 });
}

const ONE_NUMBER = '`[1, 1, h, w]`, `[1, h, w, 1]`, `[1, h, w]` or `[h, w]`';

/** How many scores a pixel an output must have, and what they are, for messages. */
export interface ScoresExpected {
  readonly layout: 'NCHW' | 'NHWC' | undefined;
  readonly count: number;
  readonly what: string;
}

/** Whether scores of classes have their channels last. */
export function areScoresLast(shape: readonly Dimension[], { layout, count }: ScoresExpected): boolean {
  const rank = shape.length;
  return (
    layout === 'NHWC' || (layout === undefined && shape[rank - 3] !== count && shape[rank - 1] === count)
  );
}

/** @throws TrainingError where there are not so many channels. */
export function checkScores(
  { file, name, shape }: OutputShape,
  { count, what }: ScoresExpected,
  channelsLast: boolean,
): void {
  const rank = shape.length;
  const channels = shape[channelsLast ? rank - 1 : rank - 3];
  const others = shape.slice(0, Math.max(0, rank - 3));
  if (
    rank >= 3 &&
    (typeof channels !== 'number' || channels === count) &&
    others.every((extent) => typeof extent !== 'number' || extent === 1)
  )
    return;
  const expected = channelsLast ? `[1, h, w, ${count}]` : `[1, ${count}, h, w]`;
  throw new TrainingError(
    `${file}: output \`${name}\` has the shape [${shape.join(', ')}]; expected \`${expected}\`: ${what} (\`layout: ${channelsLast ? 'NHWC' : 'NCHW'}\`)`,
  );
}

/**
 * Scores of classes, float32 [1, classes, h, w], whichever layout they have.
 * @throws TrainingError where there are not so many channels.
 */
export function foreignScores(g: GraphBuilder, output: NetworkOutput, expected: ScoresExpected): string {
  const { value, dtype, shape } = output;
  const channelsLast = areScoresLast(shape, expected);
  checkScores(output, expected, channelsLast);
  const rank = shape.length;
  const extents = g.op('Shape', [value]);
  const at = (index: number) => element(g, extents, rank - 3 + index);
  const three = g.op('Reshape', [value, join(g, [scalar(g, 1), at(0), at(1), at(2)])]);
  const planes = channelsLast ? g.op('Transpose', [three], { perm: [0, 3, 1, 2] }) : three;
  return dtype === 'float32' ? planes : g.op('Cast', [planes], { to: ELEMENT_TYPES.float32 });
}

/** Where the file gives the extents, they tell the layout; else the image's does. */
function isChannelsLast(
  shape: readonly Dimension[],
  layout: 'NCHW' | 'NHWC' | undefined,
  inputLayout: 'NCHW' | 'NHWC',
  picks: boolean,
): boolean {
  const rank = shape.length;
  if (rank < 3) return false;
  if (layout !== undefined) return layout === 'NHWC' && (rank > 3 || shape[2] === 1 || picks);
  const few = (extent: Dimension | undefined) => typeof extent === 'number' && extent <= MOST_LAST_CHANNELS;
  const [first, last] = [shape[rank - 3], shape[rank - 1]];
  if (few(last)) return rank === 3 ? picks || last === 1 : !few(first);
  return rank > 3 && typeof last !== 'number' && inputLayout === 'NHWC' && !few(first);
}
