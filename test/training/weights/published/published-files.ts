import type { Written, WrittenTensor } from '../pytorch/write-checkpoint.js';

/** A tensor of a published checkpoint: its key, the parameter that it fills here, its shape. */
export interface Row {
  readonly key: string;
  readonly name?: string;
  readonly shape: readonly number[];
}

const ENCODER = [64, 64, 128, 256, 512] as const;
const DECODER = [256, 128, 64, 32, 16] as const;

/** ResNet-18 as torchvision names it. Source: He et al. 2016, table 1. */
function resnet(from: string, to: string, images: number): Row[] {
  const rows: Row[] = [];
  const add = (name: string, shape: number[]) => rows.push({ key: from + name, name: to + name, shape });
  const norm = (name: string, channels: number) => {
    for (const field of ['weight', 'bias', 'running_mean', 'running_var'])
      add(`${name}.${field}`, [channels]);
    rows.push({ key: `${from}${name}.num_batches_tracked`, shape: [] });
  };
  add('conv1.weight', [ENCODER[0], 3 * images, 7, 7]);
  norm('bn1', ENCODER[0]);
  for (let stage = 1; stage <= 4; stage++) {
    for (const block of [0, 1]) {
      const out = ENCODER[stage] ?? 0;
      const input = block === 0 ? (ENCODER[stage - 1] ?? 0) : out;
      const path = `layer${stage}.${block}`;
      add(`${path}.conv1.weight`, [out, input, 3, 3]);
      norm(`${path}.bn1`, out);
      add(`${path}.conv2.weight`, [out, out, 3, 3]);
      norm(`${path}.bn2`, out);
      if (block === 0 && stage > 1) {
        add(`${path}.downsample.0.weight`, [out, input, 1, 1]);
        norm(`${path}.downsample.1`, out);
      }
    }
  }
  return rows;
}

/** The decoder's ten convolutions in the order in which they are computed. */
function decoder(keys: readonly string[], names: readonly string[]): Row[] {
  const inputs = [512, 256 + 256, 256, 128 + 128, 128, 64 + 64, 64, 32 + 64, 32, 16];
  return keys.flatMap((key, i) => {
    const out = DECODER[Math.floor(i / 2)] ?? 0;
    return both(key, names[i], [out, inputs[i] ?? 0, 3, 3]);
  });
}

function both(key: string, name: string | undefined, shape: number[]): Row[] {
  const row = (field: string, of: number[]): Row => ({
    ...{ key: `${key}.${field}`, shape: of },
    ...(name !== undefined && { name: `${name}.${field}` }),
  });
  return [row('weight', shape), row('bias', [shape[0] ?? 0])];
}

const upconvs = (part: string) =>
  [4, 3, 2, 1, 0].flatMap((scale) => [0, 1].map((i) => `${part}.upconv_${scale}_${i}`));
const steps = (part: string) => upconvs('').map((_, i) => `${part}.decoder.blocks.step_${i}.conv`);

function poseDecoder(keys: readonly string[], motions: number): Row[] {
  const shapes = [
    [256, 512, 1, 1],
    [256, 256, 3, 3],
    [256, 256, 3, 3],
    [6 * motions, 256, 1, 1],
  ];
  const names = ['squeeze', 'conv_0', 'conv_1', 'conv_2'];
  return keys.flatMap((key, i) => both(key, `pose.${names[i]}`, shapes[i] ?? []));
}

/** SGDepth's `model.pth`. The first decoder convolution is shared: it fills two parameters, `name` is the depth's. */
export function sgdepthRows(): Row[] {
  return [
    ...resnet('common.encoder.encoder.', 'encoder.', 1),
    ...decoder(['common.decoder.blocks.step_0.conv'], upconvs('depth')),
    ...decoder(steps('depth'), upconvs('depth')).slice(2),
    ...[0, 1, 2, 3].flatMap((scale) =>
      both(`depth.multires.convs.${scale}`, scale === 0 ? 'depth.dispconv_0' : undefined, [
        1,
        16 * 2 ** scale,
        3,
        3,
      ]),
    ),
    ...decoder(steps('seg'), upconvs('segmentation')).slice(2),
    ...both('seg.multires.convs.0', 'segmentation.logits', [20, 16, 3, 3]),
    ...resnet('pose.encoder.encoder.', 'pose_encoder.', 2),
    ...poseDecoder(
      ['squeeze', 'conv_1', 'conv_2', 'conv_3'].map((name) => `pose.decoder.${name}`),
      1,
    ),
  ];
}

/** Monodepth2's four files. */
export function monodepth2Rows(): Record<'encoder' | 'depth' | 'pose_encoder' | 'pose', Row[]> {
  const classifier = both('encoder.fc', undefined, [1000, 512]);
  return {
    encoder: [...resnet('encoder.', 'encoder.', 1), ...classifier],
    depth: [
      ...decoder(
        upconvs('').map((_, i) => `decoder.${i}.conv.conv`),
        upconvs('depth'),
      ),
      ...[0, 1, 2, 3].flatMap((scale) =>
        both(`decoder.${10 + scale}.conv`, scale === 0 ? 'depth.dispconv_0' : undefined, [
          1,
          16 * 2 ** scale,
          3,
          3,
        ]),
      ),
    ],
    pose_encoder: [...resnet('encoder.', 'pose_encoder.', 2), ...classifier],
    pose: poseDecoder(
      [0, 1, 2, 3].map((i) => `net.${i}`),
      2,
    ),
  };
}

/** Small numbers that differ from tensor to tensor: a whole model in a few kilobytes, each tensor one number, expanded. */
export function stateOf(rows: readonly Row[]): Map<string, Written> {
  return new Map(rows.map(({ key, shape }, i) => [key, expanded(valueAt(i), shape)]));
}

export function expanded(value: number, shape: readonly number[]): WrittenTensor {
  const bytes = new Uint8Array(Float32Array.of(value).buffer);
  return { storage: 'FloatStorage', bytes, length: 1, shape, strides: shape.map(() => 0) };
}

/** Value of the i-th tensor: positive, as variances must be. */
export function valueAt(i: number): number {
  return (i + 1) / 1024;
}
