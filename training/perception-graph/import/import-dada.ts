import { classSetNamed, semanticClassesOf } from '../../datasets/classes/class-set-labels.js';
import { CLASS_SETS } from '../../datasets/classes/class-sets.js';
import { TrainingError } from '../../errors.js';
import { type DadaNetworkOptions, type DadaTrunk, dadaOutputs } from '../../networks/dada-network.js';
import { dadaPerception } from '../../networks/dada-perception.js';
import { declaredParameters } from '../../weights/network-parameters.js';
import { isComplete, reportText } from '../../weights/published/report-text.js';
import { takeParameters } from '../../weights/published/take-parameters.js';
import { exportModel } from '../export-model.js';
import type { ImportOptions, importModel } from './import-published.js';

/** 65536 / centimetres. */
const UNIT = 655.36;
/** SYNTHIA's 16 bits of centimetres end at 655 m; what is nearly that is the sky. */
const FAR_METERS = 500;
/** Focal length of SYNTHIA's camera at 1280x760, pixels. Depth was learned at it, and is metric at it. */
export const SYNTHIA_FOCAL_PIXELS = 532.740352;

const TRUNK: DadaTrunk = { kind: 'resnet101', strideIn: '1x1' };

/**
 * DADA's network with as many classes as the checkpoint has.
 * @throws TrainingError when that is none of the class sets.
 */
export function dadaNetworkOf(
  { published }: Pick<ImportOptions, 'published'>,
  trunk: DadaTrunk = TRUNK,
): DadaNetworkOptions {
  const head = published.tensors.find(({ key }) => key.endsWith('layer6.conv2d_list.0.bias'));
  const classes = head?.view.shape[0] ?? 0;
  if (!CLASS_SETS.some(({ classNames }) => classNames.length === classes)) {
    throw new TrainingError(
      `\`layer6.conv2d_list.0.bias\`: expected 19, 16, 13 or 7 classes, got ${classes === 0 ? 'none: the files have no such tensor' : classes}`,
      { field: 'layer6.conv2d_list.0.bias' },
    );
  }
  const fusion = { depth: true, featureFusion: true } as const;
  return { trunk, rates: [6, 12, 18, 24], classes, ...fusion, depthScale: UNIT, outputScale: 0 };
}

/**
 * Writes the model folder of a checkpoint of DADA's authors. It gives labels of its classes, and depth, which is metric at
 * the focal length of SYNTHIA's camera. Nothing is written unless every parameter was found.
 * @throws TrainingError with the whole report when parameters are missing, of another shape, twice or not finite.
 */
export async function importDada(options: ImportOptions): ReturnType<typeof importModel> {
  const { published, folder, overwrite, inputs, name, license, precision, width, height, focalPixels } =
    options;
  const { layout, tensors } = published;
  if (!options.segmentation || options.metersPerUnit !== undefined) {
    const flag = options.segmentation ? '--meters-per-unit' : '--classes none';
    throw new TrainingError(
      `\`${flag}\`: expected it to be left out: a DADA model is one of classes, and its depth is in metres`,
    );
  }
  const network = dadaNetworkOf(options);
  const specs = declaredParameters((scope, image) => dadaOutputs(scope, image, network));
  const { parameters, report } = takeParameters(tensors, layout, specs);
  if (!isComplete(report)) {
    throw new TrainingError(`The files do not hold a complete ${layout.title} model:\n${reportText(report)}`);
  }
  const set = classSetNamed(String(network.classes));
  const manifest = await exportModel({
    ...{ folder, overwrite, ...(inputs && { inputs }), parameters, precision },
    network: dadaPerception(network, semanticClassesOf(set)),
    description: {
      ...{ name, version: 0, license },
      input: {
        ...{ pixels: width * height, multiple: 32, canonicalFocalPixels: focalPixels },
        ...{ mean: [...layout.mean], std: [...layout.std] },
      },
      depth: { kind: 'inverse-depth', metric: true, farMeters: FAR_METERS },
      classAdjustment: undefined,
      provenance: {
        ...{ method: `imported (${layout.title}), ${set.name} classes`, data: options.data },
        ...{ seed: 0, steps: 0, trainedSeconds: 0 },
        ...{ command: options.command, createdAt: new Date().toISOString(), metrics: {} },
      },
    },
  });
  return { manifest, report };
}
