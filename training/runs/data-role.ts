import type { BatchOptions, LABELLED_FIELDS } from '../datasets/batches/batch.js';
import type { PICTURE_FIELDS, PictureBatchOptions } from '../datasets/batches/picture-batch.js';
import type { TRIPLET_FIELDS, TripletBatchOptions } from '../datasets/batches/triplet-batch.js';
import type {
  Preparation,
  PreparedPictures,
  PreparedSource,
  PreparedTarget,
} from '../datasets/prepare/prepared-data.js';
import type { RunOptions } from './run-options.js';

/** Size of pictures, pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A set of data as a method sees it: which kind, under which names in the batch, how augmented. */
export type DataRole<O extends RunOptions = RunOptions> = RoleBase<O> &
  (
    | {
        readonly kind: 'labelled';
        /** Names in the batch of what is wanted. */
        readonly names: Readonly<Partial<Record<keyof typeof LABELLED_FIELDS, string>>>;
        /** `undefined` where the options name no such data. */
        prepare(options: O, preparation: Preparation): Promise<PreparedSource> | undefined;
        fill(options: O, context: FillContext): Omit<BatchOptions, 'batchSize' | 'width' | 'height'>;
      }
    | {
        /** Without any truth, whatever the data know: a target domain. */
        readonly kind: 'pictures';
        readonly names: Readonly<Partial<Record<keyof typeof PICTURE_FIELDS, string>>>;
        prepare(options: O, preparation: Preparation): Promise<PreparedPictures> | undefined;
        fill(options: O, context: FillContext): Omit<PictureBatchOptions, 'batchSize' | 'width' | 'height'>;
      }
    | {
        readonly kind: 'triplets';
        readonly names: Readonly<Partial<Record<keyof typeof TRIPLET_FIELDS, string>>>;
        prepare(options: O, preparation: Preparation): Promise<PreparedTarget> | undefined;
        fill(options: O, context: FillContext): Omit<TripletBatchOptions, 'batchSize' | 'width' | 'height'>;
      }
  );

/** For which pictures samples are laid out. */
export interface FillContext {
  readonly size: Size;
  /** The first shape of the phase, which a second one goes beside. */
  readonly first: Size;
  /** Width of random crops that suits the data, share of the largest. */
  readonly crop: readonly [number, number];
  /** Facts of the role; absent if there are no data yet, as for the sizes of a batch alone. */
  readonly facts?: RoleFacts | undefined;
}

interface RoleBase<O> {
  /** The letter of its batch size in the batch's schema. */
  readonly letter: string;
  /** 0: its samples are in no batch; its held-out ones may be measured. */
  batchSize(options: O): number;
  /** Size of its pictures, if it differs from the phase's. */
  size?(options: O): Size;
}

/** What is known of a role's training data; saved with the run. */
export interface RoleFacts {
  readonly count: number;
  /** Pixels by trainId over some hundred samples. */
  readonly classCounts?: readonly number[] | undefined;
  /** Median focal length of the stored pictures, pixels. */
  readonly focalPixels?: number | undefined;
  /** Their size, where they are cropped to that of the network. */
  readonly stored?: Size | undefined;
}

/** Facts by role, for the roles that the run has data for. */
export type Facts = Readonly<Record<string, RoleFacts>>;
