import { IMAGENET_MEAN, IMAGENET_STD } from '../../networks/normalization.js';
import { COARSE_LEFT, type Fate, type Layout, leave, leftOfResnet, type PublishedTensor } from './layout.js';

/** Which decoders of this project a part of theirs stands for. What they share is kept twice here: the numbers are the same. */
const DECODERS: Readonly<Record<string, readonly string[]>> = {
  common: ['depth', 'segmentation'],
  depth: ['depth'],
  seg: ['segmentation'],
};

const VOID_ROW = {
  first: 19,
  of: 20,
  why: 'the 20th class is void: it has no weight in the loss, so that it is never to be chosen',
};

/**
 * SGDepth's checkpoint, one file. Shared encoder `common.encoder.encoder.*`; pose network `pose.*`. Decoder steps are
 * `blocks.step_0` to `step_9`: even ones before the upsampling, odd ones after it. The first ones are in `common.decoder`
 * (one unless trained otherwise), the rest in `depth.decoder` and `seg.decoder`. Heads are `multires.convs.S`, finest first.
 * The disparity's starting bias of 5 is part of the stored bias. Depth 0.1..100 without a metric scale. Source: the authors'
 * public repository ifnspaml/SGDepth (facts of the layout).
 */
export const SGDEPTH_LAYOUT: Layout = {
  name: 'sgdepth',
  title: 'SGDepth',
  mean: IMAGENET_MEAN,
  std: IMAGENET_STD,
  segmentation: true,
  width: 640,
  height: 192,
  fate,
};

function fate({ key }: PublishedTensor): Fate | undefined {
  const [, encoder, resnet] = /^(common|pose)\.encoder\.encoder\.(.+)$/.exec(key) ?? [];
  if (resnet !== undefined) {
    const name = `${encoder === 'pose' ? 'pose_encoder' : 'encoder'}.${resnet}`;
    return leftOfResnet(resnet) ?? { kind: 'take', names: [name] };
  }
  const [, pose = '', poseField] = /^pose\.decoder\.(squeeze|conv_[123])\.(weight|bias)$/.exec(key) ?? [];
  if (poseField !== undefined) return poseFate(pose, poseField);
  const [, part = '', step = '', field] =
    /^(common|depth|seg)\.decoder\.blocks\.step_([0-9])\.conv\.(weight|bias)$/.exec(key) ?? [];
  if (field !== undefined) {
    const name = `upconv_${4 - Math.floor(Number(step) / 2)}_${Number(step) % 2}.${field}`;
    return { kind: 'take', names: (DECODERS[part] ?? []).map((decoder) => `${decoder}.${name}`) };
  }
  const [, head, scale, headField] = /^(depth|seg)\.multires\.convs\.([0-4])\.(weight|bias)$/.exec(key) ?? [];
  if (head === 'depth')
    return scale === '0' ? { kind: 'take', names: [`depth.dispconv_0.${headField}`] } : leave(COARSE_LEFT);
  if (head === 'seg' && scale === '0')
    return { kind: 'take', names: [`segmentation.logits.${headField}`], rows: VOID_ROW };
  return undefined;
}

/** Their last convolution gives the motion itself, this project's a hundred times as much. */
function poseFate(layer: string, field: string): Fate {
  if (layer === 'squeeze') return { kind: 'take', names: [`pose.squeeze.${field}`] };
  const names = [`pose.conv_${Number(layer.slice(-1)) - 1}.${field}`];
  return layer === 'conv_3' ? { kind: 'take', names, factor: 100 } : { kind: 'take', names };
}
