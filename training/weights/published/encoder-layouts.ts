import { type Fate, leave, leftOfResnet, type PublishedTensor } from './layout.js';

/** A published layout of a classification network whose encoder is taken. */
export interface EncoderLayout {
  readonly name: 'torchvision-resnet' | 'efficientnet-pytorch';
  readonly title: string;
  /** Where a tensor belongs; `undefined`: a name that the layout does not have. */
  fate(tensor: Pick<PublishedTensor, 'key'>): Fate | undefined;
}

/** torchvision's ResNet: `conv1.weight`, `bn1.*`, `layer1.0.conv1.weight` ..., `fc.*`. */
const TORCHVISION_RESNET: EncoderLayout = {
  name: 'torchvision-resnet',
  title: "torchvision's ResNet",
  fate: ({ key }) => {
    if (!/^(conv1|bn1|layer[1-4]\.\d+|fc)\./.test(key)) return undefined;
    return leftOfResnet(key) ?? { kind: 'take', names: [`encoder.${key}`] };
  },
};

/**
 * EfficientNet-PyTorch's and efficientnet_lite_pytorch's: `_conv_stem.weight`, `_bn0.*`, `_blocks.0._depthwise_conv.weight`
 * ..., and the head `_conv_head`, `_bn1`, `_fc`. Depthwise filters are [C, 1, height, width].
 */
const EFFICIENTNET_PYTORCH: EncoderLayout = {
  name: 'efficientnet-pytorch',
  title: "EfficientNet-PyTorch's EfficientNet",
  fate: ({ key }) => {
    if (!/^_(conv_stem|bn0|blocks\.\d+|conv_head|bn1|fc)\./.test(key)) return undefined;
    if (/^_(conv_head|bn1|fc)\./.test(key)) return leave("classifier of ImageNet's classes");
    if (key.endsWith('.num_batches_tracked')) return leave('counter of a batch norm, for training');
    const name = key
      .split('.')
      .map((part) => part.replace(/^_/, ''))
      .join('.');
    return { kind: 'take', names: [`encoder.${name}`], depthwise: key.includes('._depthwise_conv.') };
  },
};

const ENCODER_LAYOUTS = [TORCHVISION_RESNET, EFFICIENTNET_PYTORCH] as const;

/** The layout that most of the tensors' names belong to; `undefined` where none knows any. */
export function encoderLayoutOf(keys: Iterable<string>): EncoderLayout | undefined {
  const names = [...keys];
  const known = (layout: EncoderLayout) => names.filter((key) => layout.fate({ key }) !== undefined).length;
  const [best] = ENCODER_LAYOUTS.map((layout) => ({ layout, count: known(layout) })).sort(
    (a, b) => b.count - a.count,
  );
  return best === undefined || best.count === 0 ? undefined : best.layout;
}
