import type { Manifest } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import { PAPER_NETWORK, type SgdepthNetworkOptions } from '../../networks/sgdepth-network.js';
import { sgdepthPerception } from '../../networks/sgdepth-perception.js';
import { networkParameters } from '../../weights/network-parameters.js';
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
  const {
    published,
    folder,
    overwrite,
    inputs,
    name,
    license,
    precision,
    width,
    height,
    focalPixels,
    metersPerUnit,
  } = options;
  const { layout, tensors } = published;
  const network = { ...PAPER_NETWORK, classes: options.segmentation ? PAPER_NETWORK.classes : 0 };
  const { parameters, report } = takeParameters(tensors, layout, parametersOf(network));
  if (!isComplete(report)) {
    throw new TrainingError(
      `The files do not hold a complete ${layout.title} model with a ResNet-18 encoder:\n${reportText(report)}`,
    );
  }
  const unit = metersPerUnit ?? 1;
  const manifest = await exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }), parameters, precision },
    network: sgdepthPerception(network, { minMeters: MIN_DEPTH * unit, maxMeters: MAX_DEPTH * unit }),
    description: {
      ...{ name, version: 0, license },
      input: {
        pixels: width * height,
        multiple: 32,
        mean: [...layout.mean],
        std: [...layout.std],
        canonicalFocalPixels: focalPixels,
      },
      depth: {
        kind: 'disparity',
        metric: metersPerUnit !== undefined,
        minMeters: MIN_DEPTH * unit,
        maxMeters: MAX_DEPTH * unit,
        // These networks were never taught where the sky is: no depth counts as infinite.
        farMeters: MAX_DEPTH * unit,
      },
      provenance: {
        ...{ method: `imported (${layout.title})`, data: options.data },
        ...{ seed: 0, steps: 0, trainedSeconds: 0 },
        ...{ command: options.command, createdAt: new Date().toISOString(), metrics: {} },
      },
    },
  });
  return { manifest, report };
}

function parametersOf(network: SgdepthNetworkOptions) {
  if (network.classes > 0) return networkParameters(network);
  return networkParameters({ ...network, classes: 1 }).filter(
    ({ name }) => !name.startsWith('segmentation.'),
  );
}
