import type { StoredSamplesOptions } from '../stores/labelled-source.js';
import type { StoredTripletsOptions } from '../stores/stored-triplets.js';

/** How data are made ready for training at one size. */
export interface Preparation {
  /** Size of the network's pictures, pixels. */
  readonly width: number;
  readonly height: number;
  /** Of data that are drawn. */
  readonly seed: number;
  /** Where prepared data are kept, a folder for each set. */
  readonly folder: string;
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/** A target domain: triplets to train on, and others to validate with (with truth where there is any). */
export interface PreparedTarget {
  readonly training: StoredTripletsOptions;
  readonly heldOut: StoredTripletsOptions;
}

/** A source domain: labelled images. */
export interface PreparedSource {
  readonly samples: StoredSamplesOptions;
  /** Width of random crops, share of the largest that fits the network's shape. */
  readonly crop: readonly [number, number];
}
