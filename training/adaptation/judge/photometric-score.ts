import type * as tf from '@tensorflow/tfjs';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { minimumReprojection } from '../../losses/minimum-reprojection.js';
import { explain, sourceCoordinates } from '../../methods/sgdepth/sgdepth-view.js';
import { type CompiledFunction, compile } from '../../tracer/compile.js';

/** Farther than this a pixel does not move by a hundredth of its width in any drive. */
const FARTHEST = 1e4;
const NEAREST = 0.05;

export interface ScoredTriplet {
  /** [H, W]: photometric error of the better of the two warped neighbours, 0..1 (SGDepth, eq. 3). */
  readonly error: Float32Array;
  /** [H, W]: the same of the neighbours as they are. */
  readonly still: Float32Array;
  /** [H, W, 2]: where the target's pixels lie in each neighbour. */
  readonly coordinates: { readonly previous: Float32Array; readonly next: Float32Array };
}

type Given = Readonly<
  Record<'target' | 'previous' | 'next' | 'disparity', tf.Tensor4D> &
    Record<'previousPose' | 'nextPose', tf.Tensor3D> &
    Record<'intrinsics', tf.Tensor2D>
>;

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface TripletPictures {
  readonly target: Float32Array;
  readonly previous: Float32Array;
  readonly next: Float32Array;
}

/** Warps the neighbours of a frame by a depth and two poses, and compares: one compiled graph for a view. */
export class PhotometricScore {
  readonly #compiled: CompiledFunction;

  private constructor(compiled: CompiledFunction) {
    this.#compiled = compiled;
  }

  /** @param view of this size; intrinsics are given with each triplet. */
  static async create({ width, height }: Size, threads: number): Promise<PhotometricScore> {
    const picture = { shape: [1, height, width, 3], dtype: 'float32', layout: 'NCHW' } as const;
    const pose = { shape: [1, 4, 4], dtype: 'float32' } as const;
    const compiled = await compile(
      (given) => {
        const { target, disparity, intrinsics, ...other } = given as unknown as Given; // of the shapes below
        const views = [
          { picture: other.previous, sourceFromTarget: other.previousPose },
          { picture: other.next, sourceFromTarget: other.nextPose },
        ];
        const coordinates = sourceCoordinates(disparity, intrinsics, views, target.shape);
        const { error } = explain(target, views, coordinates, false);
        const still = minimumReprojection(
          target,
          views.map((view) => view.picture),
          [],
        ).error;
        return { error, still, previous: coordinates[0], next: coordinates[1] };
      },
      {
        target: picture,
        previous: picture,
        next: picture,
        disparity: { shape: [1, height, width, 1], dtype: 'float32', layout: 'NCHW' },
        previousPose: pose,
        nextPose: pose,
        intrinsics: { shape: [1, 4], dtype: 'float32' },
      },
      { threads, outputLayouts: { error: 'NCHW', still: 'NCHW' } },
    );
    return new PhotometricScore(compiled);
  }

  /** @param depthMeters [H, W]; NaN counts as infinitely far. */
  async run(
    pictures: TripletPictures,
    depthMeters: Float32Array,
    poses: { readonly previous: RigidTransform; readonly next: RigidTransform },
    { fx, fy, cx, cy }: Intrinsics,
  ): Promise<ScoredTriplet> {
    const outputs = await this.#compiled.run({
      ...pictures,
      disparity: depthMeters.map(
        (z) => 1 / (z > NEAREST ? Math.min(z, FARTHEST) : z > 0 ? NEAREST : FARTHEST),
      ),
      previousPose: Float32Array.from(poses.previous),
      nextPose: Float32Array.from(poses.next),
      intrinsics: Float32Array.of(fx, fy, cx, cy),
    });
    const data = (name: string) => outputs[name].data as Float32Array; // as computed above
    return {
      error: data('error'),
      still: data('still'),
      coordinates: { previous: data('previous'), next: data('next') },
    };
  }

  async close(): Promise<void> {
    await this.#compiled.close();
  }
}

/** Planes [3, H, W] of a picture, 0..1. */
export function picturePlanes(rgb: Uint8Array): Float32Array {
  const pixels = rgb.length / 3;
  const planes = new Float32Array(rgb.length);
  for (let i = 0; i < pixels; i++) {
    planes[i] = rgb[3 * i] / 255;
    planes[i + pixels] = rgb[3 * i + 1] / 255;
    planes[i + 2 * pixels] = rgb[3 * i + 2] / 255;
  }
  return planes;
}
