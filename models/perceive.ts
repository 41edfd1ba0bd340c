import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../msgs/picture/rgb-picture.js';
import { ModelError } from './errors.js';
import { GRAPH_OUTPUTS, type GraphOutput } from './graph-contract.js';
import { graphFeeds } from './graph-feeds.js';
import type { InferenceSession, OnnxValue, Tensor } from './onnxruntime.js';

/** What a model says about a picture; arrays are [height, width] of the picture. */
export interface Perceived {
  /** Metres (or the model's unit), not scaled; +Infinity is too far, NaN none. */
  readonly depth: Float32Array;
  /** The model's own labels; undefined without segmentation. */
  readonly labels: Uint8Array | undefined;
  /** How far the depth may be trusted, 0..1; where it was asked for. */
  readonly confidence?: Float32Array;
}

/** What is asked of a graph beside the depth. */
export interface PerceivedWants {
  readonly labels: boolean;
  readonly confidence?: boolean;
}

/** The feeds for depth, and labels where wanted, of one undistorted RGB picture at metric scale 1. */
export function pictureFeeds(
  picture: RgbPicture,
  intrinsics: Intrinsics,
  { labels, confidence = false }: PerceivedWants,
): Record<string, Tensor> {
  const { width, height, rgb: data } = picture;
  const pixels = { data, height, width, step: 3 * width, bytesPerPixel: 3, channelOrder: [0, 1, 2] as const };
  return graphFeeds({ pixels, intrinsics, labels, confidence });
}

/**
 * Runs a perception graph on one undistorted RGB picture.
 * @param wants what the model has.
 * @throws ModelError when the graph gives something else than its contract says.
 */
export async function perceive(
  session: InferenceSession,
  picture: RgbPicture,
  intrinsics: Intrinsics,
  wants: PerceivedWants,
): Promise<Perceived> {
  const names: GraphOutput[] = ['depth'];
  if (wants.labels) names.push('labels');
  if (wants.confidence) names.push('confidence');
  const outputs = await session.run(pictureFeeds(picture, intrinsics, wants), names);
  return {
    depth: dataOf(outputs, 'depth') as Float32Array, // as GRAPH_OUTPUTS says
    labels: wants.labels ? (dataOf(outputs, 'labels') as Uint8Array) : undefined,
    ...(wants.confidence && { confidence: dataOf(outputs, 'confidence') as Float32Array }),
  };
}

function dataOf(outputs: Readonly<Record<string, OnnxValue>>, name: GraphOutput): Tensor['data'] {
  const tensor = outputs[name];
  if (tensor?.type === GRAPH_OUTPUTS[name].type) return tensor.data; // no sequences, no maps
  throw new ModelError(
    `the graph's output \`${name}\` is not what its contract says; export the model again.`,
  );
}
