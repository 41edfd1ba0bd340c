import type * as tf from '@tensorflow/tfjs';
import type { SemanticClass } from '../../models/class-table.js';
import type { Scope } from './scope.js';

/** A network as a perception graph embeds it: what is computed once for an image, and heads on that. */
export interface PerceptionNetwork {
  /** Which code rebuilds it, and from which options: for the manifest. */
  readonly architecture: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Number of classes of the logits; 0: no segmentation. */
  readonly classes: number;
  /** What they are called, one for each; Cityscapes' first so many where left out. */
  readonly classList?: readonly SemanticClass[];
  /** Height and width of its images are multiples of this; 32 where left out. */
  readonly multiple?: number;
  /** The one size of its images, where it serves no other. */
  readonly fixed?: { readonly width: number; readonly height: number };
  /** Least height and width, pixels; twice the multiple where left out. */
  readonly leastSize?: number;
  /** @param image normalised, [1, H, W, 3], H and W multiples of the manifest's. */
  encode(scope: Scope, image: tf.Tensor4D): Readonly<Record<string, tf.Tensor4D>>;
  /** Values that mean what the manifest's `depth` says, [1, H / 2^s, W / 2^s, 1]. Left out: segmentation alone. */
  readonly depth?: Head;
  /** Class logits [1, H / 2^s, W / 2^s, classes]. */
  readonly logits?: Head;
  /** Logits of the depth's confidence, [1, H / 2^s, W / 2^s, 1]; computed where it is wanted. */
  readonly confidence?: Head;
}

export interface Head {
  /** s: its output has 1 / 2^s of the image's resolution. */
  readonly scale: number;
  compute(scope: Scope, features: Readonly<Record<string, tf.Tensor4D>>): tf.Tensor4D;
}
