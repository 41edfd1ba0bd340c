import { median } from '../../../vision/median.js';
import { DEPTH_METRIC_NAMES, type DepthMetrics, type ImageDepthMetrics } from './depth-metrics.js';

/** Metrics of many images: every metric is the mean over images, each image weighing the same. */
export interface DepthSummary extends DepthMetrics {
  readonly images: number;
  /** Pixels that counted, all images together. */
  readonly pixels: number;
  /** Share of these pixels (not a mean over images) whose prediction is finite. */
  readonly finiteShare: number;
  /** Median over the images of median(truth) / median(prediction). */
  readonly ratioMedian: number;
  /** Standard deviation of ratio / ratioMedian over the images: how much the scale wanders. */
  readonly ratioSpread: number;
}

/** Averages the metrics of images; NaN everywhere (and 0 images) without any. */
export function summarizeDepth(images: readonly ImageDepthMetrics[]): DepthSummary {
  const mean = (name: keyof DepthMetrics): number =>
    images.reduce((sum, image) => sum + image[name], 0) / images.length;
  const means = Object.fromEntries(DEPTH_METRIC_NAMES.map((name) => [name, mean(name)])) as Record<
    keyof DepthMetrics,
    number
  >; // of its names
  const pixels = images.reduce((sum, image) => sum + image.pixels, 0);
  const ratios = images.map((image) => image.ratio).filter(Number.isFinite);
  const ratioMedian = median(ratios);
  const relative = ratios.map((ratio) => ratio / ratioMedian);
  const center = relative.reduce((sum, ratio) => sum + ratio, 0) / relative.length;
  return {
    ...means,
    images: images.length,
    pixels,
    finiteShare: images.reduce((sum, image) => sum + image.finiteShare * image.pixels, 0) / pixels,
    ratioMedian,
    ratioSpread: Math.sqrt(relative.reduce((sum, ratio) => sum + (ratio - center) ** 2, 0) / relative.length),
  };
}
