import * as tf from '@tensorflow/tfjs';
import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../models/class-table.js';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { type PanelTile, panel } from '../../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { writePng } from '../../../msgs/picture/write-png.js';
import { NO_AUGMENTATION } from '../../datasets/batches/augmentation.js';
import { type Batch, type BatchOptions, emptyBatch, fillBatch } from '../../datasets/batches/batch.js';
import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import { CLASS_SETS } from '../../evaluation/metrics/class-sets.js';
import { depthMetrics, type ImageDepthMetrics } from '../../evaluation/metrics/depth-metrics.js';
import { ConfusionMatrix } from '../../evaluation/metrics/segmentation-metrics.js';
import { Scope } from '../../networks/scope.js';
import { segmentationHead } from '../../networks/sgdepth-network.js';
import { parameterInputs, parameterValues } from '../../runs/parameter-inputs.js';
import { Random } from '../../simulator/random.js';
import { type CompiledFunction, compile } from '../../tracer/compile.js';
import type { Parameters } from '../../weights/parameters.js';
import { predictDisparity, type SupervisedOptions } from './supervised.js';

export interface ValidatorOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** First held-out sample and their number. */
  readonly first: number;
  readonly count: number;
  readonly batch: BatchOptions;
  readonly supervised: SupervisedOptions;
  readonly parameters: Parameters;
  readonly threads: number;
}

const [NINETEEN] = CLASS_SETS;
/** Samples shown in the picture panel. */
const SHOWN = 4;

/** Measures the network with its running statistics on held-out samples, and draws some of them. */
export class Validator {
  readonly #options: ValidatorOptions;
  readonly #batch: BatchOptions;
  readonly #predict: CompiledFunction;

  private constructor(options: ValidatorOptions, batch: BatchOptions, predict: CompiledFunction) {
    this.#options = options;
    this.#batch = batch;
    this.#predict = predict;
  }

  static async create(options: ValidatorOptions): Promise<Validator> {
    const batch = { ...options.batch, batchSize: 1, augmentation: NO_AUGMENTATION };
    const { network } = options.supervised;
    const predict = await compile(
      ({ image, ...weights }) => {
        const scope = Scope.over(weights, false);
        const { disparity, features } = predictDisparity(scope, image as tf.Tensor4D, options.supervised);
        return { disparity, labels: tf.argMax(segmentationHead(scope, features, network), 3) };
      },
      {
        ...parameterInputs(options.parameters),
        image: { shape: [1, batch.height, batch.width, 3], dtype: 'float32', layout: 'NCHW' },
      },
      { threads: options.threads, outputLayouts: { disparity: 'NCHW' } },
    );
    return new Validator(options, batch, predict);
  }

  /**
   * AbsRel as it is and median-scaled, delta1 (scaled), mIoU over the held-out samples, at the canonical focal length,
   * cap 80 m, no crop; writes the panel.
   */
  async run(panelFile: string): Promise<Record<string, number>> {
    const { folder, description, first, count, parameters } = this.#options;
    const height = this.#batch.height / this.#batch.targetStep;
    const width = this.#batch.width / this.#batch.targetStep;
    const store = SampleStore.open(folder, description);
    const confusion = new ConfusionMatrix();
    const metric: ImageDepthMetrics[] = [];
    const scaled: ImageDepthMetrics[] = [];
    const tiles: PanelTile[] = [];
    const weights = parameterValues(parameters);
    for (let i = 0; i < count; i++) {
      const batch = emptyBatch(this.#batch);
      fillBatch(batch, 0, store.read(first + i), this.#batch, new Random(i));
      const outputs = await this.#predict.run({ ...weights, image: batch.image });
      const depth = inverse(outputs.disparity?.data as Float32Array, this.#batch.maxMeters);
      const labels = Uint8Array.from(outputs.labels?.data as Int32Array);
      const truth = inverse(batch.disparity, this.#batch.maxMeters);
      const sparse = sparseFromDense(truth, height, width);
      const plain = depthMetrics(sparse, depth, { crop: 'none', medianScaling: false });
      const median = depthMetrics(sparse, depth, { crop: 'none', medianScaling: true });
      if (plain !== undefined && median !== undefined) {
        metric.push(plain);
        scaled.push(median);
      }
      confusion.add(Uint8Array.from(batch.labels), labels);
      if (i < SHOWN) tiles.push(...this.#tiles(batch, truth, depth, labels));
    }
    store.close();
    await writePng(panelFile, panel(tiles, { columns: 5 }));
    return {
      absRel: mean(metric.map((m) => m.absRel)),
      absRelMedianScaled: mean(scaled.map((m) => m.absRel)),
      delta1: mean(scaled.map((m) => m.delta1)),
      meanIou: confusion.metrics(NINETEEN).meanIou,
    };
  }

  async release(): Promise<void> {
    await this.#predict.close();
  }

  #tiles(batch: Batch, truth: Float32Array, depth: Float32Array, labels: Uint8Array): PanelTile[] {
    const height = this.#batch.height / this.#batch.targetStep;
    const width = this.#batch.width / this.#batch.targetStep;
    const palette = CITYSCAPES_CLASSES.map(({ color }) => color);
    const label = (ids: Uint8Array) => labelPicture(ids, height, width, palette);
    return [
      { caption: 'image', picture: imagePicture(batch, this.#batch) },
      { caption: 'true depth', picture: depthPicture(truth, height, width) },
      { caption: 'depth', picture: depthPicture(depth, height, width) },
      { caption: 'true labels', picture: label(Uint8Array.from(batch.labels)) },
      { caption: 'labels', picture: label(labels.map((x) => (x > 18 ? UNLABELLED : x))) },
    ];
  }
}

/** Depth of a disparity image; what lies at the range's end has none. */
function inverse(disparity: Float32Array, maxMeters: number): Float32Array {
  return disparity.map((value) => (value <= 1.0001 / maxMeters ? Number.POSITIVE_INFINITY : 1 / value));
}

function imagePicture(batch: Batch, { width, height, mean: means, std }: BatchOptions): RgbPicture {
  const plane = width * height;
  const rgb = new Uint8Array(plane * 3);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) {
      const value = (batch.image[channel * plane + i] ?? 0) * (std[channel] ?? 1) + (means[channel] ?? 0);
      rgb[i * 3 + channel] = Math.max(0, Math.min(255, Math.round(value * 255)));
    }
  }
  return rgbPicture(width, height, rgb);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}
