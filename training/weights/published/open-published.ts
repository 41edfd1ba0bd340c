import { TrainingError } from '../../errors.js';
import type { Checkpoint } from '../pytorch/read-checkpoint.js';
import { DADA_LAYOUT } from './dada-layout.js';
import type { Layout, PublishedTensor } from './layout.js';
import { MONODEPTH2_LAYOUT } from './monodepth2-layout.js';
import { S2R_DEPTHNET_LAYOUT } from './s2r-depthnet-layout.js';
import { SGDEPTH_LAYOUT } from './sgdepth-layout.js';

export const LAYOUTS: readonly Layout[] = [
  SGDEPTH_LAYOUT,
  MONODEPTH2_LAYOUT,
  S2R_DEPTHNET_LAYOUT,
  DADA_LAYOUT,
];

/** The files of one published model. */
export interface Published {
  readonly layout: Layout;
  readonly tensors: readonly PublishedTensor[];
  /** Size at which it was trained, pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the checkpoint says that it was trained with stereo pairs, so that its depth has a scale. */
  readonly stereo: boolean;
}

/**
 * Puts the files of a model together and finds out their layout.
 * @param files checkpoints by file name.
 * @param named the layout, where the user gave it.
 * @throws TrainingError when the layout is unknown, another one than the named fits better, or the encoder of SGDepth or
 * Monodepth2 is not a ResNet-18.
 */
export function openPublished(files: ReadonlyMap<string, Checkpoint>, named?: Layout['name']): Published {
  const tensors = [...files].flatMap(([file, checkpoint]) => tensorsOf(file, checkpoint));
  const has = (name: RegExp) => tensors.some(({ key }) => name.test(key));
  const known = [
    [/^common\./, SGDEPTH_LAYOUT],
    [/^(module\.)?(resblock\.|E\.base\.|center\.)/, S2R_DEPTHNET_LAYOUT],
    [/^(module\.)?(enc4_1|layer6)\./, DADA_LAYOUT],
  ] as const;
  const detected = known.find(([name]) => has(name))?.[1] ?? MONODEPTH2_LAYOUT;
  const layout = LAYOUTS.find(({ name }) => name === named) ?? detected;
  if (named !== undefined) checkNamed(layout, tensors, [...files.keys()]);
  if (taken(layout, tensors) === 0) {
    const some = tensors.slice(0, 3).map(({ key }) => `\`${key}\``);
    throw new TrainingError(
      `${[...files.keys()].join(', ')}: expected the weights of SGDepth (\`common.encoder.encoder.conv1.weight\` ...), ` +
        `Monodepth2 (\`encoder.conv1.weight\`, \`decoder.0.conv.conv.weight\` ...), S2R-DepthNet ` +
        `(\`resblock.model.0.conv1.weight\`, \`E.base.0.0.weight\` ...) or DADA (\`layer6.conv2d_list.0.weight\` ...), found ${some.join(', ')} ...`,
    );
  }
  if (layout !== DADA_LAYOUT) checkEncoder(tensors);
  const value = (key: string) =>
    [...files.values()].map(({ values }) => values.get(key)).find((v) => v !== undefined);
  const size = (key: 'width' | 'height') => {
    const given = value(key);
    return typeof given === 'number' && Number.isInteger(given) && given > 0 ? given : layout[key];
  };
  return {
    layout,
    tensors,
    width: size('width'),
    height: size('height'),
    stereo: value('use_stereo') === true,
  };
}

/** How many tensors a layout knows and takes. */
function taken(layout: Layout, tensors: readonly PublishedTensor[]): number {
  return tensors.filter((tensor) => layout.fate(tensor)?.kind === 'take').length;
}

/** Layouts share names such as `conv1.weight`: all that are missing would be named, and not the layout that fits. */
function checkNamed(named: Layout, tensors: readonly PublishedTensor[], files: readonly string[]): void {
  const own = taken(named, tensors);
  const [best, most] = LAYOUTS.map((layout) => [layout, taken(layout, tensors)] as const).reduce((a, b) =>
    b[1] > a[1] ? b : a,
  );
  if (own >= most) return;
  throw new TrainingError(
    `${files.join(', ')}: \`--layout ${named.name}\` fits ${own} of ${tensors.length} tensors, ` +
      `\`--layout ${best.name}\` (${best.title}) fits ${most}: give that one, or leave --layout out`,
    { field: '--layout' },
  );
}

function tensorsOf(file: string, checkpoint: Checkpoint): PublishedTensor[] {
  const first = checkpoint.tensors.get('encoder.conv1.weight');
  const inPoseEncoder = first !== undefined && (first.shape[1] ?? 3) > 3;
  return [...checkpoint.tensors].map(([key, view]) => ({
    ...{ file, key, inPoseEncoder, view },
    floats: () => checkpoint.floats(key),
  }));
}

/** Layers that larger ResNets have and ResNet-18 has not. */
function checkEncoder(tensors: readonly PublishedTensor[]): void {
  for (const { key, file, inPoseEncoder } of tensors) {
    if (inPoseEncoder || key.startsWith('pose.')) continue;
    if (/(^|\.)encoder\.layer[1-4]\.(\d+\.conv3|[2-9]|\d\d+)\./.test(key)) {
      throw new TrainingError(
        `${file}: its encoder is a deeper ResNet (it has \`${key}\`); only models with a \`ResNet-18\` encoder can be imported.`,
        { file },
      );
    }
  }
}
