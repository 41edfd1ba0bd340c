import { writePng } from '../../../msgs/picture/write-png.js';
import { NO_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import {
  emptyTripletBatch,
  fillTriplet,
  type TripletBatchOptions,
} from '../../datasets/batches/joint-batch.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import { StoredTriplets, type StoredTripletsOptions } from '../../datasets/stores/stored-triplets.js';
import type { Triplet } from '../../datasets/stores/triplet.js';
import { CLASS_SETS } from '../../evaluation/metrics/class-sets.js';
import {
  DEPTH_METRIC_NAMES,
  type DepthMetrics,
  depthMetrics,
} from '../../evaluation/metrics/depth-metrics.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import { Scope } from '../../networks/scope.js';
import { parameterInputs, parameterValues } from '../../runs/parameter-inputs.js';
import { Random } from '../../simulator/random.js';
import { type CompiledFunction, compile, type TraceInput } from '../../tracer/compile.js';
import type { Parameters } from '../../weights/parameters.js';
import type { SgdepthOptions, SgdepthTriplets } from './sgdepth.js';
import { inspect } from './sgdepth-inspection.js';
import { type InspectedTriplet, sgdepthPanel } from './sgdepth-panel.js';

export interface SgdepthValidatorOptions {
  readonly heldOut: StoredTripletsOptions;
  readonly method: SgdepthOptions;
  readonly width: number;
  readonly height: number;
  readonly parameters: Parameters;
  readonly threads: number;
}

/** Triplets shown in the picture panel, spread over the held-out ones. */
const SHOWN = 6;
const [NINETEEN] = CLASS_SETS;
/** Cap of the depth metrics, metres. */
const CAP_METERS = 80;

/** Names of the figures of a validation. */
export const SGDEPTH_VALIDATIONS = [
  'absRel',
  'sqRel',
  'rmse',
  'rmseLog',
  'delta1',
  'delta2',
  'delta3',
  'absRelDynamic',
  'scaleSpread',
  'meanIou',
  'photometric',
  'explained',
  'overlap',
] as const;

/** Measures the networks with their running statistics on held-out triplets, and draws some of them. */
export class SgdepthValidator {
  readonly #options: SgdepthValidatorOptions;
  readonly #compiled: CompiledFunction;

  private constructor(options: SgdepthValidatorOptions, compiled: CompiledFunction) {
    this.#options = options;
    this.#compiled = compiled;
  }

  static async create(options: SgdepthValidatorOptions): Promise<SgdepthValidator> {
    const { width, height, method, parameters, threads } = options;
    const image: TraceInput = { shape: [1, height, width, 3], dtype: 'float32', layout: 'NCHW' };
    const compiled = await compile(
      ({
        image,
        previousImage,
        nextImage,
        picture,
        previousPicture,
        nextPicture,
        intrinsics,
        ...weights
      }) => {
        const batch = { image, previousImage, nextImage, picture, previousPicture, nextPicture, intrinsics };
        return { ...inspect(Scope.over(weights, false), batch as unknown as SgdepthTriplets, method) }; // declared below
      },
      {
        ...parameterInputs(parameters),
        image,
        previousImage: image,
        nextImage: image,
        picture: image,
        previousPicture: image,
        nextPicture: image,
        intrinsics: { shape: [1, 4], dtype: 'float32' },
      },
      { threads },
    );
    return new SgdepthValidator(options, compiled);
  }

  /**
   * Means over the held-out triplets. Depth against truth where there is any: median-scaled by image, cap 80 m, no crop;
   * `absRelDynamic` on the pixels of dynamic classes alone, by the same scale; `scaleSpread` is the standard deviation of
   * the scales by their median. What has no truth is left out.
   */
  async run(panelFile: string): Promise<Record<string, number>> {
    const triplets = new StoredTriplets(this.#options.heldOut);
    const confusion = new ConfusionMatrix();
    const depth: DepthMetrics[] = [];
    const ratios: number[] = [];
    const dynamic: number[] = [];
    const own = { photometric: [] as number[], explained: [] as number[], overlap: [] as number[] };
    const shown: InspectedTriplet[] = [];
    for (let i = 0; i < triplets.count; i++) {
      const triplet = await triplets.read(i);
      const inspected = await this.#inspect(triplet);
      own.photometric.push(mean(inspected.error));
      own.explained.push(mean(inspected.explained));
      if (inspected.overlap !== undefined) own.overlap.push(inspected.overlap);
      const { depthMeters, labels, width, height } = triplet;
      let scale = 1;
      if (depthMeters !== undefined) {
        const sparse = sparseFromDense(depthMeters, height, width);
        const metrics = depthMetrics(sparse, inspected.depth, { crop: 'none', capMeters: CAP_METERS });
        if (metrics !== undefined) {
          depth.push(metrics);
          ratios.push(metrics.ratio);
          scale = metrics.ratio;
        }
      }
      if (labels !== undefined && depthMeters !== undefined) {
        const error = dynamicError(inspected.depth, scale, depthMeters, labels);
        if (error !== undefined) dynamic.push(error);
        if (inspected.labels !== undefined) confusion.add(labels, inspected.labels);
      }
      if (i % Math.max(1, Math.floor(triplets.count / SHOWN)) === 0 && shown.length < SHOWN) {
        shown.push({ ...inspected, triplet, scale });
      }
    }
    triplets.close();
    await writePng(panelFile, sgdepthPanel(shown));
    const figures: Record<string, number> = {
      photometric: mean(own.photometric),
      explained: mean(own.explained),
    };
    if (own.overlap.length > 0) figures.overlap = mean(own.overlap);
    if (depth.length === 0) return figures;
    for (const name of DEPTH_METRIC_NAMES) figures[name] = mean(depth.map((metrics) => metrics[name]));
    if (dynamic.length > 0) figures.absRelDynamic = mean(dynamic);
    figures.scaleSpread = spread(ratios);
    if (own.overlap.length > 0) figures.meanIou = confusion.metrics(NINETEEN).meanIou;
    return figures;
  }

  async release(): Promise<void> {
    await this.#compiled.close();
  }

  async #inspect(triplet: Triplet): Promise<Omit<InspectedTriplet, 'triplet' | 'scale'>> {
    const { width, height, parameters } = this.#options;
    const options: TripletBatchOptions = {
      targets: 1,
      width,
      height,
      ...inputNormalization(this.#options.method.network),
      augmentation: NO_AUGMENTATION,
    };
    const { triplets: _, ...batch } = emptyTripletBatch(options);
    fillTriplet({ triplets: _, ...batch }, 0, triplet, options, new Random(0));
    const outputs = await this.#compiled.run({ ...parameterValues(parameters), ...batch });
    const floats = (name: string) => Float32Array.from(outputs[name]?.data as Float32Array);
    return {
      depth: floats('disparity').map((x) => 1 / x),
      warped: floats('warped'),
      error: floats('error'),
      explained: floats('explained'),
      ...(outputs.labels === undefined
        ? {}
        : {
            labels: Uint8Array.from(floats('labels')),
            mask: floats('mask'),
            overlap: floats('overlaps')[0] ?? 0,
          }),
    };
  }
}

const IS_DYNAMIC = new Set(DYNAMIC_CLASSES);

/** AbsRel over the pixels of dynamic classes; `undefined` without any. */
function dynamicError(
  depth: Float32Array,
  scale: number,
  truth: Float32Array,
  labels: Uint8Array,
): number | undefined {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i] ?? 0;
    if (!(t > 0 && t < CAP_METERS) || !IS_DYNAMIC.has(labels[i] ?? 255)) continue;
    sum += Math.abs(Math.min(CAP_METERS, (depth[i] ?? 0) * scale) - t) / t;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

/** Standard deviation by the median. */
function spread(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2))) / middle;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}
