import type { BagProblem } from '../../../msgs/bag/bag-reader.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { CropName } from '../../datasets/files/crop.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';

/** A picture with what is known of it. */
export interface EvaluationFrame {
  readonly name: string;
  readonly picture: RgbPicture;
  /** Undefined where the data set does not give them: then depth cannot be evaluated. */
  readonly intrinsics: Intrinsics | undefined;
  readonly depth: SparseDepth | undefined;
  /** [height, width], trainIds, 255 = unlabelled. */
  readonly labels: Uint8Array | undefined;
}

/** Pictures with truth, on which a model is run and judged. Readable as often as wanted, in bounded memory. */
export interface EvaluationSource {
  readonly title: string;
  /** What the true depths are, where there are any. */
  readonly depthTruth: string | undefined;
  /** The crop that evaluations with this truth use. */
  readonly crop: CropName;
  /** The cap that they use; the command's where left out. */
  readonly capMeters?: number;
  /** Whether they scale predictions by the ratio of the medians; left out: they do. */
  readonly medianScaling?: boolean;
  /** Names of the class sets that the true labels can be measured over; all where left out. */
  readonly classSets?: readonly string[] | undefined;
  /** What the data set lacks, one sentence each. */
  readonly missing: readonly string[];
  /** What could not be read, growing while reading. */
  readonly problems?: readonly BagProblem[];
  /** Undefined when it is not known before everything is read. */
  readonly count: number | undefined;
  /** The true depths alone. */
  depths(): AsyncIterable<SparseDepth>;
  frames(): AsyncIterable<EvaluationFrame>;
  close(): Promise<void>;
}
