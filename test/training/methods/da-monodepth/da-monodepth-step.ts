import type { DaMonodepthLossOptions } from '../../../../training/methods/da-monodepth/da-monodepth-loss.js';
import { declareDaMonodepth } from '../../../../training/methods/da-monodepth/da-monodepth-loss.js';
import { Random } from '../../../../training/simulator/random.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters, type Parameters } from '../../../../training/weights/parameters.js';

export const [HEIGHT, WIDTH] = [32, 64];

/** Narrow networks: eager TensorFlow.js on the cpu is slow. */
export const TINY: DaMonodepthLossOptions = {
  network: {
    encoder: [3, 3, 4, 4, 8],
    decoder: { channels: [6, 5, 4, 3, 3], activation: 'elu', padding: 'reflection' },
    classes: 19,
  },
  ...{ l1Share: 0.6, smoothnessWeight: 0.1 },
  ...{ depthWeight: 1, segmentationWeight: 0.2, adversarialWeight: 0.5 },
};

export interface Feed {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

/** One source image with truth, two target images, a reversal of a half. */
export function drawnBatch(): Record<
  'image' | 'disparity' | 'weight' | 'labels' | 'targetImage' | 'reversal',
  Feed
> {
  const random = new Random(5, 1);
  const floats = (shape: number[], value: () => number): Feed => ({
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value),
  });
  return {
    image: floats([1, HEIGHT, WIDTH, 3], () => random.uniform(-2, 2)),
    disparity: floats([1, HEIGHT, WIDTH, 1], () => random.uniform(1 / 80, 1)),
    weight: floats([1, HEIGHT, WIDTH, 1], () => (random.chance(0.1) ? 0 : random.chance(0.2) ? 0.3 : 1)),
    labels: {
      ...{ shape: [1, HEIGHT, WIDTH], dtype: 'int32' },
      data: Int32Array.from({ length: HEIGHT * WIDTH }, () =>
        random.chance(0.1) ? 255 : random.integer(0, 18),
      ),
    },
    targetImage: floats([2, HEIGHT, WIDTH, 3], () => random.uniform(-2, 2)),
    reversal: floats([], () => 0.5),
  };
}

export function startingParameters({ network }: DaMonodepthLossOptions = TINY): Parameters {
  return initialParameters(
    declaredParameters((scope, image) => declareDaMonodepth(scope, image, network, true)),
    7,
  );
}
