import type { Manifest } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import type { PerceptionNetwork } from '../../networks/perception-network.js';
import { PAPER_POSE_NETWORK } from '../../networks/pose-network.js';
import { PAPER_S2R_NETWORKS, s2rParameters, s2rPerception } from '../../networks/s2r-depthnet.js';
import type { ParameterSpec } from '../../networks/scope.js';
import { PAPER_NETWORK, type SgdepthNetworkOptions } from '../../networks/sgdepth-network.js';
import { sgdepthPerception } from '../../networks/sgdepth-perception.js';
import { declaredParameters, networkParameters, poseParameters } from '../../weights/network-parameters.js';
import type { Fate } from '../../weights/published/layout.js';
import type { Published } from '../../weights/published/open-published.js';
import { isComplete, reportText } from '../../weights/published/report-text.js';
import { type TakeReport, takeParameters } from '../../weights/published/take-parameters.js';
import { exportModel } from '../export-model.js';
import type { ModelPlace } from '../write-model.js';

/** Its `folder` is the model folder to write. */
export interface ImportOptions extends ModelPlace {
  readonly published: Published;
  readonly name: string;
  readonly license: string;
  readonly precision: 'F32' | 'F16';
  /** Network size that the model runs at, pixels; multiples of 32. */
  readonly width: number;
  readonly height: number;
  /** Whether the segmentation is taken too; only where the layout has one. */
  readonly segmentation: boolean;
  /** Focal length, in network pixels, of the cameras that the network was trained with. */
  readonly focalPixels: number;
  /** Metres per unit of the network's depth; `undefined`: unknown, as self-supervised training leaves it. */
  readonly metersPerUnit?: number;
  readonly command: string;
  /** What the files are, for the provenance. */
  readonly data: string;
}

/** Depth of both papers' networks, in their own unit. Source: SGDepth, section 4; Godard et al. 2019. */
const MIN_DEPTH = 0.1;
const MAX_DEPTH = 100;

/**
 * Writes the model folder of a published checkpoint. Nothing is written unless every parameter of the network was found.
 * @throws TrainingError with the whole report when parameters are missing, of another shape, twice or not finite.
 */
export async function importModel(
  options: ImportOptions,
): Promise<{ manifest: Manifest; report: TakeReport }> {
  const { published, folder, overwrite, inputs, name, license, precision, width, height, focalPixels } =
    options;
  const { layout, tensors } = published;
  const { network, specs, depth } = networkOf(options);
  const { parameters, report } = takeParameters(tensors, layout, specs);
  if (!isComplete(report)) {
    const kind = layout.name === 's2r-depthnet' ? 'model of four files' : 'model with a ResNet-18 encoder';
    throw new TrainingError(
      `The files do not hold a complete ${layout.title} ${kind}:\n${reportText(report)}`,
    );
  }
  const manifest = await exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }), parameters, precision, network },
    description: {
      ...{ name, version: 0, license },
      input: {
        pixels: width * height,
        multiple: 32,
        mean: [...layout.mean],
        std: [...layout.std],
        canonicalFocalPixels: focalPixels,
      },
      ...{ depth, classAdjustment: undefined },
      provenance: {
        ...{ method: `imported (${layout.title})`, data: options.data },
        ...{ seed: 0, steps: 0, trainedSeconds: 0 },
        ...{ command: options.command, createdAt: new Date().toISOString(), metrics: {} },
      },
    },
  });
  return { manifest, report };
}

/** A published network: what computes it, its parameters, and what its depth means. */
interface ImportedNetwork {
  readonly network: PerceptionNetwork;
  readonly specs: readonly ParameterSpec[];
  readonly depth: Manifest['depth'];
}

function networkOf(options: ImportOptions): ImportedNetwork {
  return options.published.layout.name === 's2r-depthnet' ? s2rDepthnet(options) : resnet18(options);
}

function resnet18({ published, segmentation, metersPerUnit }: ImportOptions): ImportedNetwork {
  const network = { ...PAPER_NETWORK, classes: segmentation ? PAPER_NETWORK.classes : 0 };
  const unit = metersPerUnit ?? 1;
  const range = { minMeters: MIN_DEPTH * unit, maxMeters: MAX_DEPTH * unit };
  const { layout, tensors } = published;
  // Monodepth2's files may come without it; one that is there has to be whole.
  const pose = tensors.some((tensor) => isOfPose(layout.fate(tensor))) ? PAPER_POSE_NETWORK : undefined;
  return {
    network: sgdepthPerception(network, range, pose),
    specs: [...parametersOf(network), ...(pose === undefined ? [] : poseParameters(pose))],
    depth: {
      ...{ kind: 'disparity', metric: metersPerUnit !== undefined, ...range },
      // These networks were never taught where the sky is: no depth counts as infinite.
      farMeters: range.maxMeters,
    },
  };
}

/** Farthest depth of S2R-DepthNet's outdoor models, metres. */
const S2R_MAX_METERS = 80;
const S2R_FAR_SHARE = 0.95;

/** Its depth is metric: it is trained on true depth of a camera like KITTI's. */
function s2rDepthnet({ metersPerUnit = 1, height, width }: ImportOptions): ImportedNetwork {
  const maxMeters = S2R_MAX_METERS * metersPerUnit;
  const options = {
    ...{ ...PAPER_S2R_NETWORKS, segmenter: PAPER_NETWORK, maxMeters },
    ...{ input: 'structure' as const, attention: 'product' as const },
  };
  const network = s2rPerception(options);
  const { leastSize = 64 } = network;
  if (Math.min(height, width) < leastSize) {
    throw new TrainingError(
      `${width}x${height}: expected at least \`${leastSize}\` pixels in either direction, as far as S2R-DepthNet's dilated convolutions reach; give --width and --height.`,
    );
  }
  const specs = declaredParameters((scope, image) => s2rParameters(scope, image, options, true));
  return { network, specs, depth: { kind: 'depth', metric: true, farMeters: S2R_FAR_SHARE * maxMeters } };
}

function isOfPose(fate: Fate | undefined): boolean {
  return fate?.kind === 'take' && fate.names.some((name) => /^pose(_encoder)?\./.test(name));
}

function parametersOf(network: SgdepthNetworkOptions) {
  if (network.classes > 0) return networkParameters(network);
  return networkParameters({ ...network, classes: 1 }).filter(
    ({ name }) => !name.startsWith('segmentation.'),
  );
}
