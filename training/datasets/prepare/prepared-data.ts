import type { StoredSamplesOptions } from '../stores/stored-samples.js';
import type { StoredTripletsOptions } from '../stores/stored-triplets.js';

/** How data are made ready for training. */
export interface Preparation {
  /** Where prepared data are kept, a folder for each set. */
  readonly folder: string;
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Progress for people, one line without its end. */
  report(line: string): void;
}

/** Preparation of data that are made at one size. */
export interface SizedPreparation extends Preparation {
  /** Size of the network's pictures, pixels. */
  readonly width: number;
  readonly height: number;
  /** Seed of data that are drawn. */
  readonly seed: number;
}

/** A target domain: triplets to train on, and others to validate with (with truth where there is any). */
export interface PreparedTarget {
  readonly kind: 'triplets';
  readonly training: StoredTripletsOptions;
  readonly heldOut: StoredTripletsOptions;
}

/** A source domain: labelled images. */
export interface PreparedSource {
  readonly kind: 'labelled';
  readonly training: StoredSamplesOptions;
  /** None where nothing is held out. */
  readonly heldOut: StoredSamplesOptions;
  /** Width of random crops, share of the largest that fits the network's shape. */
  readonly crop: readonly [number, number];
}

/** A target domain of single pictures without truth, of the network's shape or larger. */
export interface PreparedPictures {
  readonly kind: 'pictures';
  readonly training: StoredSamplesOptions;
  /** Held-out samples, at least one. They have truth if there is any, to measure by. */
  readonly heldOut: StoredSamplesOptions;
  /** Width of random crops, share of the largest that fits the network's shape. */
  readonly crop: readonly [number, number];
}
