import type { TensorView } from '../pytorch/tensor-view.js';

/** What becomes of a tensor of a published checkpoint. */
export type Fate =
  | {
      readonly kind: 'take';
      /** This project's parameters that get the values: two where the authors share what this project keeps apart. */
      readonly names: readonly string[];
      /** Only the first rows are taken from a tensor that has exactly `of`. */
      readonly rows?: { readonly first: number; readonly of: number; readonly why: string };
      /** What the values are multiplied by, where this project's network has a constant factor that theirs lacks. */
      readonly factor?: number;
      /** A depthwise filter [C, 1, height, width], which is kept here as [1, C, height, width]: the same numbers in a row. */
      readonly depthwise?: boolean;
      /** A filter whose input channels are in the opposite order: blue, green, red. */
      readonly reversed?: boolean;
    }
  | { readonly kind: 'leave'; readonly why: string };

/** A tensor as it stands in a file. */
export interface PublishedTensor {
  readonly file: string;
  readonly key: string;
  /** The file is a ResNet for two images: its keys are those of the encoder for one. */
  readonly inPoseEncoder: boolean;
  readonly view: TensorView;
  readonly floats: () => Float32Array;
}

/** A published layout: where its tensors belong here, and how its network sees images and measures depth. */
export interface Layout {
  readonly name: 'sgdepth' | 'monodepth2' | 's2r-depthnet' | 'dada';
  readonly title: string;
  /** Mean of 0..1 RGB values. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly segmentation: boolean;
  /** Size at which the authors trained, unless the checkpoint says otherwise; pixels. */
  readonly width: number;
  readonly height: number;
  /** The checkpoint's name of a parameter, for reports of what it lacks; left out: this project's names are told. */
  readonly keyOf?: (name: string) => string;
  /** `undefined`: a name that the layout does not have. */
  fate(tensor: PublishedTensor): Fate | undefined;
}

/** The tensors of torchvision's ResNet that inference does not need; `undefined` for the others. */
export function leftOfResnet(name: string): Fate | undefined {
  if (name.endsWith('.num_batches_tracked')) return leave('counter of a batch norm, for training');
  if (name.startsWith('fc.')) return leave("classifier of ImageNet's classes");
  return undefined;
}

/** A tensor that is left out, and why. */
export function leave(why: string): Fate {
  return { kind: 'leave', why };
}

export const COARSE_LEFT = 'coarser disparity, for training';

/** Why tensors are left out whose parameters the network at hand does not have, by the parameters' first part. */
export const NOT_ASKED: Readonly<Record<string, string>> = {
  segmentation: 'segmentation: not asked for',
  pose: 'pose network: not asked for',
  pose_encoder: 'pose network: not asked for',
};
