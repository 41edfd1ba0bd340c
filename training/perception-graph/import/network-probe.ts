import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GRAPH_INPUTS, type GraphInput } from '../../../models/graph-contract.js';
import { InferenceSession, type Tensor } from '../../../models/onnxruntime.js';
import { pictureFeeds } from '../../../models/perceive.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';
import { GraphBuilder } from '../../onnx/graph-builder.js';
import { join } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { cameraValues } from '../perception-contract.js';
import type { ImportedParts } from './imported-stages.js';
import { colourfulPictures, TRIAL_CAMERA, TRIAL_SIZE } from './trial-pictures.js';
import type { TrialReport } from './trial-step.js';
import { watchDepth } from './watch-depth.js';
import { watchLabels } from './watch-labels.js';
import type { SeenOutput, WatchedOutput } from './watched-output.js';

const PROBE_FILE = 'probe.onnx';
const { width: WIDTH, height: HEIGHT } = TRIAL_SIZE;

/** A graph that gives what networks give, as it is, and what that must be. */
export interface NetworkProbe {
  readonly graph: Uint8Array;
  readonly watched: readonly WatchedOutput[];
}

/** Undefined where nothing comes from a network of an ONNX file. */
export function networkProbe({ depth, labels }: ImportedParts, opset: number): NetworkProbe | undefined {
  const watched = [
    ...(depth?.from === 'network' ? watchDepth(depth.network, depth.description) : []),
    ...(labels?.from === 'network' ? watchLabels(labels.network, labels.heads) : []),
  ];
  if (watched.length === 0) return undefined;
  const g = new GraphBuilder('probe');
  const input = (name: GraphInput) => g.input(name, GRAPH_INPUTS[name].type, GRAPH_INPUTS[name].shape);
  const camera = cameraValues(g, {
    ...{ image: input('image'), width: input('width'), bytesPerPixel: input('bytes_per_pixel') },
    ...{ channelOrder: input('channel_order'), k: input('k'), scale: input('scale') },
  });
  for (const [i, { network, output }] of watched.entries()) {
    const { value, dtype, shape } = network.compute(g, camera, output);
    const numbers = dtype === 'float32' ? value : g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
    // Whatever extents the file claims.
    g.output(
      `numbers_${i}`,
      numbers,
      'float32',
      shape.map((_, axis) => `extent_${i}_${axis}`),
    );
    const view = network.seen(g, camera);
    g.output(`image_${i}`, join(g, [view.height, view.width]), 'int64', [2]);
  }
  return { graph: g.toModel({ opset }), watched };
}

/**
 * Runs the networks on pictures of many colours and compares what they give with what the description says.
 * @param folder with the weights; nothing stays in it.
 * @param onTrial told before each step, which may never end.
 * @returns warnings.
 * @throws TrainingError naming the file, its output, and what is wrong with it.
 */
export async function runProbe(
  folder: string,
  { graph, watched }: NetworkProbe,
  onTrial: TrialReport = () => {},
): Promise<readonly string[]> {
  const file = path.join(folder, PROBE_FILE);
  await writeFile(file, graph);
  const files = [...new Set(watched.map(({ network }) => network.file))].join(', ');
  try {
    onTrial({ folder, what: `${files} is opened` });
    // Its errors are told here, once.
    const session = await InferenceSession.create(file, { logSeverityLevel: 4 }).catch((cause: unknown) => {
      throw new TrainingError(`${files} cannot be opened by onnxruntime: ${reasonOf(cause)}`, { cause });
    });
    try {
      for (const picture of colourfulPictures()) {
        const feeds = pictureFeeds(picture, TRIAL_CAMERA, { labels: false });
        onTrial({ folder, what: `${files} computes a picture of ${WIDTH} x ${HEIGHT}` });
        const outputs = await session.run(feeds).catch((cause: unknown) => {
          throw new TrainingError(
            `${files} does not run on a picture of ${WIDTH} x ${HEIGHT}: ${reasonOf(cause)}; check \`input.size\` and \`inputs\``,
            { cause },
          );
        });
        for (const [i, one] of watched.entries()) {
          const numbers = outputs[`numbers_${i}`] as Tensor; // declared so
          const image = outputs[`image_${i}`] as Tensor; // declared so
          one.see(seenOutput(one, numbers, image));
        }
        if (watched.every((one) => one.isSure())) break;
      }
    } finally {
      await session.release();
    }
  } finally {
    await rm(file, { force: true });
  }
  return watched.flatMap((one) => one.judge());
}

function seenOutput({ network, output }: WatchedOutput, numbers: Tensor, image: Tensor): SeenOutput {
  const [height = 0, width = 0] = [...(image.data as BigInt64Array)].map(Number); // declared so
  return {
    file: network.file,
    name: output.name,
    shape: numbers.dims,
    numbers: numbers.data as Float32Array, // declared so
    image: { height, width },
  };
}

/** What onnxruntime says, without the places in its own sources and the name of a file that is gone by then. */
function reasonOf(cause: unknown): string {
  const [first = ''] = messageOf(cause).trim().split('\n');
  if (/Failed to allocate memory|bad_alloc|std::length_error/i.test(first))
    return 'there is not enough memory';
  return first
    .replace(/^Load model from .*? failed:/, '')
    .replace(/\/onnxruntime_src\/\S+:\d+ (?:\S+ )?onnxruntime::[^)]*\) /, '');
}
