import { openBag } from '../../msgs/bag/open-bag.js';
import { imageCodec } from '../../msgs/image.js';
import { depthOfImage } from '../../training/datasets/truth/depth-image.js';
import { findTruth } from '../../training/datasets/truth/find-truth.js';
import { evaluateDepth } from '../../training/evaluation/evaluate-depth.js';
import { median } from '../../vision/median.js';
import { stampedFrames } from './stamped-frames.js';

const DEPTH = '/rxdepth/depth/image';

/** What a source of the metric scale did in a drive. */
export interface ScaleFigures {
  /** Factor of each frame. */
  readonly factors: readonly number[];
  /** Median of true depth / published depth, over the frames. */
  readonly ratio: number;
  /** Its standard deviation relative to its mean. */
  readonly ratioSpread: number;
}

/**
 * @param output of a replay with the scale. @param plain of one with `--scale model`, whose factor is 1.
 * @param bag the drive with its truth.
 */
export async function scaleFigures(bag: string, output: string, plain: string): Promise<ScaleFigures> {
  const [scaled, unscaled] = [await stampedFrames(output, [DEPTH]), await stampedFrames(plain, [DEPTH])];
  const factors = [...scaled].map(([stampNs, frame]) => {
    const [a, b] = [frame, unscaled.get(stampNs) ?? {}].map((each) =>
      depthOfImage(imageCodec.decode(each[DEPTH]), DEPTH),
    );
    const ratios = a.map((z, i) => z / b[i]).filter((ratio, i) => i % 97 === 0 && Number.isFinite(ratio));
    return median(ratios);
  });
  const [prediction, truth] = [await openBag(output), await openBag(bag)];
  try {
    const { images } = await evaluateDepth(prediction, DEPTH, await findTruth(truth), { crop: 'garg' });
    const ratios = images.map(({ ratio }) => ratio);
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / ratios.length;
    return { factors, ratio: median(ratios), ratioSpread: Math.sqrt(variance) / mean };
  } finally {
    await prediction.close();
    await truth.close();
  }
}
