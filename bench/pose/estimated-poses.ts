import type { Tensor4D } from '@tensorflow/tfjs';
import type { ModelRunner } from '../../models/model-runner.js';
import {
  identityTransform,
  invertTransform,
  type RigidTransform,
} from '../../msgs/camera/rigid-transform.js';
import { kindOfLabel } from '../../nodes/perception/motion/kind-of-label.js';
import { MotionTracker } from '../../nodes/perception/motion/motion-tracker.js';
import { poseFromVector } from '../../training/geometry/pose-from-vector.js';
import { methodOf, type SgdepthRunOptions } from '../../training/methods/sgdepth/sgdepth-options.js';
import { IMAGENET_MEAN, IMAGENET_STD } from '../../training/networks/normalization.js';
import { poseNetwork } from '../../training/networks/pose-network.js';
import { Scope } from '../../training/networks/scope.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';
import { compile, type TraceInput } from '../../training/tracer/compile.js';
import { parameterInputs, parameterValues } from '../../training/weights/parameter-inputs.js';
import type { Parameters } from '../../training/weights/parameters.js';

/** `earlierFromLater` of each pair of neighbouring frames; undefined where there is no estimate. */
export type Poses = readonly (RigidTransform | undefined)[];

/** What needs no picture: no turn, a metre forward. */
export function straightAhead(frames: readonly SimulatedFrame[]): Poses {
  const pose = identityTransform();
  pose[11] = 1;
  return frames.slice(1).map(() => pose);
}

/** As the perception node finds them, from a model's depth and classes. */
export async function directPoses(model: ModelRunner, frames: readonly SimulatedFrame[]): Promise<Poses> {
  const tracker = new MotionTracker(kindOfLabel(model.manifest.classes));
  const poses: (RigidTransform | undefined)[] = [];
  for (const [i, { stampNs, width, height, rgb, intrinsics }] of frames.entries()) {
    const { depth, labels } = await model.run({ width, height, rgb }, intrinsics);
    const maps = { width, height, image: rgb, depth, pointStride: 0, ...(labels && { labels }) };
    const { ego } = tracker.track({ stampNs, maps, intrinsics, scale: 1 }, 1);
    if (i > 0) poses.push(ego?.earlierFromLater);
  }
  return poses;
}

/** As SGDepth's pose network gives them. */
export async function networkPoses(
  parameters: Parameters,
  options: SgdepthRunOptions,
  threads: number,
): Promise<(frames: readonly SimulatedFrame[]) => Promise<Poses>> {
  const { width, height } = options;
  const { pose } = methodOf(options, options.source === undefined ? undefined : []);
  const image: TraceInput = { shape: [1, height, width, 3], dtype: 'float32', layout: 'NCHW' };
  const compiled = await compile(
    ({ earlier, later, ...weights }) => {
      const views = [earlier, later] as [Tensor4D, Tensor4D]; // declared below
      return { pose: poseFromVector(poseNetwork(Scope.over(weights, false), ...views, pose)) };
    },
    { ...parameterInputs(parameters), earlier: image, later: image },
    { threads },
  );
  return async (frames) => {
    const pictures = frames.map(({ rgb }) => normalizedPlanes(rgb));
    const poses: RigidTransform[] = [];
    for (const [i, later] of pictures.entries()) {
      const earlier = pictures[i - 1];
      if (earlier === undefined) continue;
      const outputs = await compiled.run({ ...parameterValues(parameters), earlier, later });
      poses.push(invertTransform(Float64Array.from(outputs.pose?.data as Float32Array)));
    }
    return poses;
  };
}

/** [3, H, W] as networks see a picture. */
function normalizedPlanes(rgb: Uint8Array): Float32Array {
  const area = rgb.length / 3;
  return Float32Array.from({ length: rgb.length }, (_, i) => {
    const channel = Math.floor(i / area);
    const value = rgb[3 * (i % area) + channel] / 255;
    return (value - (IMAGENET_MEAN[channel] as number)) / (IMAGENET_STD[channel] as number);
  });
}
