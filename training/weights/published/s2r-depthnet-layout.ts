import {
  ATTENTION,
  DEPTH,
  S2R_NORMALIZATION,
  STRUCTURE_DECODER,
  STRUCTURE_ENCODER,
} from '../../networks/s2r-depthnet.js';
import { type Fate, type Layout, leave, type PublishedTensor } from './layout.js';

/**
 * S2R-DepthNet's checkpoints, four files: structure encoder (`conv.conv.*`, `resblock.model.0.conv1.*` ...), structure
 * decoder (`up1.*`, `up2.*`, `conv.*`), attention (`E.base.0.0.*` ..., `D.up1.*` ...) and depth predictor (`conv1.1.*`,
 * `conv2.model.0.*`, `center.0.layer0.1.*`, `deconv4.model.1.*`, `output1.model.1.*` ...), all but the first with `module.`
 * before every name. Pictures in -1..1; depth -1..1 stands for 0 to 80 m outdoors, 0 to 8 m indoors.
 * Source: the authors' public repository microsoft/S2R-DepthNet (facts of the layout).
 */
export const S2R_DEPTHNET_LAYOUT: Layout = {
  name: 's2r-depthnet',
  title: 'S2R-DepthNet',
  ...S2R_NORMALIZATION,
  segmentation: false,
  width: 640,
  height: 192,
  fate,
};

/** The one slope of all PReLUs stands in the file under the name of each place where it is used; this is the first. */
const SLOPE = 'conv1.3.weight';
const OTHER_SLOPES =
  /^(conv[234]\.model\.[25]|center\.\d\.nonlinearity|(center\.\d|deconv[234])\.model\.[36])\.weight$/;

function fate({ key: name }: Pick<PublishedTensor, 'key'>): Fate | undefined {
  const key = name.replace(/^module\./, '');
  if (key.endsWith('.num_batches_tracked')) return leave('counter of a batch norm, for training');
  if (/^(resblock\.model|conv[12]?\.conv)\./.test(key)) return taken(STRUCTURE_ENCODER, key);
  if (/^up[12]\./.test(key) || /^conv\.(weight|bias)$/.test(key)) return taken(STRUCTURE_DECODER, key);
  const [, place, rest] = /^E\.base\.(\d)\.(.+)$/.exec(key) ?? [];
  if (place !== undefined) return taken(ATTENTION, `encoder.layer${place}.${rest}`);
  if (key.startsWith('D.')) return taken(ATTENTION, `decoder.${key.slice(2)}`);
  if (key === SLOPE) return taken(DEPTH, 'slope.weight');
  if (OTHER_SLOPES.test(key)) return leave('the slope that all PReLUs share, once more');
  return /^(conv1\.\d|conv[234]\.model|center\.\d|deconv[234]\.model|output[1-4]\.model)\./.test(key)
    ? taken(DEPTH, key)
    : undefined;
}

function taken(network: string, key: string): Fate {
  return { kind: 'take', names: [`${network}.${key}`] };
}
