import { type Fate, type Layout, leave, leftOfResnet, type PublishedTensor } from './layout.js';

/** Mean of pictures in the order blue, green, red, 0..255. */
const BGR_MEAN = [104.00698793, 116.66876762, 122.67891434] as const;

/**
 * DADA's checkpoint, one file: DeepLab-v2 on ResNet-101 (`conv1`, `bn1`, `layer1` to `layer4` as torchvision's, the strides
 * in the first 1x1). Its classifier is `layer6.conv2d_list.0` to `.3`; its depth block is `enc4_1`, `enc4_2`, `enc4_3` and
 * `dec4`. Where it was trained at several levels, an auxiliary classifier `layer5` comes too. Pictures are blue, green, red,
 * 0..255 less a mean. Depth is 65536 / centimetres. Source: the authors' public repository valeoai/DADA (facts of the
 * layout).
 */
export const DADA_LAYOUT: Layout = {
  name: 'dada',
  title: 'DADA',
  mean: [BGR_MEAN[2] / 255, BGR_MEAN[1] / 255, BGR_MEAN[0] / 255],
  std: [1 / 255, 1 / 255, 1 / 255],
  segmentation: true,
  width: 1024,
  height: 512,
  keyOf,
  fate,
};

/** The other way round than `fate`. */
function keyOf(name: string): string {
  return name.replace(/^segmentation\./, 'layer6.').replace(/^(depth|encoder)\./, '');
}

function fate({ key }: Pick<PublishedTensor, 'key'>): Fate | undefined {
  // As DataParallel names the parts of what it wraps.
  const name = key.replace(/^module\./, '');
  if (/^layer5\./.test(name)) return leave('classifier of another level, for training');
  const [, classifier] = /^layer6\.(conv2d_list\.[0-3]\.(?:weight|bias))$/.exec(name) ?? [];
  if (classifier !== undefined) return { kind: 'take', names: [`segmentation.${classifier}`] };
  if (/^(enc4_[123]|dec4)\.(weight|bias)$/.test(name)) return { kind: 'take', names: [`depth.${name}`] };
  if (!/^(conv1|bn1|layer[1-4]\.\d+|fc)\./.test(name)) return undefined;
  const left = leftOfResnet(name);
  if (left !== undefined) return left;
  return name === 'conv1.weight'
    ? { kind: 'take', names: ['encoder.conv1.weight'], reversed: true }
    : { kind: 'take', names: [`encoder.${name}`] };
}
