import { COARSE_LEFT, type Fate, type Layout, leave, leftOfResnet, type PublishedTensor } from './layout.js';

/**
 * Monodepth2's checkpoint, a folder of files. `encoder.pth` holds `encoder.*`, with the values `height`, `width`,
 * `use_stereo`. `depth.pth` holds `decoder.0` to `decoder.9`, the ten convolutions from coarse to fine, and `decoder.10` to
 * `decoder.13`, the heads, finest first. `pose_encoder.pth` holds `encoder.*` with six input channels, and `pose.pth` holds
 * `net.*`. Images are normalised inside the encoder, by 0.45 and 0.225 in all channels. Depth 0.1..100 without a metric
 * scale; trained with stereo pairs, 5.4 times that in metres (a baseline of 0.1 stands for KITTI's 0.54 m). No segmentation.
 * Source: the authors' public repository nianticlabs/monodepth2 (facts of the layout).
 */
export const MONODEPTH2_LAYOUT: Layout = {
  name: 'monodepth2',
  title: 'Monodepth2',
  mean: [0.45, 0.45, 0.45],
  std: [0.225, 0.225, 0.225],
  segmentation: false,
  width: 640,
  height: 192,
  fate,
};

const FIRST_MOTION = {
  first: 6,
  of: 12,
  why: 'the second of two motions is never used: the network is asked once for each pair of frames',
};

function fate({ key, inPoseEncoder }: PublishedTensor): Fate | undefined {
  const encoder = /^encoder\.(.+)$/.exec(key)?.[1];
  if (encoder !== undefined) {
    const name = `${inPoseEncoder ? 'pose_encoder' : 'encoder'}.${encoder}`;
    return leftOfResnet(encoder) ?? { kind: 'take', names: [name] };
  }
  const [, net, netField] = /^net\.([0-3])\.(weight|bias)$/.exec(key) ?? [];
  if (net !== undefined) {
    const layer = net === '0' ? 'squeeze' : `conv_${Number(net) - 1}`;
    const names = [`pose.${layer}.${netField}`];
    return net === '3' ? { kind: 'take', names, rows: FIRST_MOTION } : { kind: 'take', names };
  }
  const [, block, field] = /^decoder\.([0-9])\.conv\.conv\.(weight|bias)$/.exec(key) ?? [];
  if (block !== undefined) {
    const index = Number(block);
    return { kind: 'take', names: [`depth.upconv_${4 - Math.floor(index / 2)}_${index % 2}.${field}`] };
  }
  const [, head, headField] = /^decoder\.1([0-3])\.conv\.(weight|bias)$/.exec(key) ?? [];
  if (head === undefined) return undefined;
  return head === '0' ? { kind: 'take', names: [`depth.dispconv_0.${headField}`] } : leave(COARSE_LEFT);
}
