import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { bareRoad } from './bare-road.js';
import { findPhantoms } from './find-phantoms.js';
import { findGroundPlane } from './ground-plane.js';

/** What a model saw on bare road, over many pictures. */
export interface PhantomEvaluation {
  /** Pictures with bare road to look at. */
  readonly images: number;
  /** Mean share of the picture that is known to be bare road. */
  readonly roadShare: number;
  /** Share of all bare road that has a dynamic class. */
  readonly dynamicShare: number;
  /** Pictures with a connected piece of bare road larger than LARGE_PIECE that is dynamic, or nearer than half its depth. */
  readonly phantomImages: readonly string[];
  /** The largest such pieces, shares of the picture. */
  readonly largestDynamic: number;
  readonly largestNear: number;
}

/** Share of the picture from which on a phantom counts. */
export const LARGE_PIECE = 0.005;
/** A picture with less bare road than this says nothing. */
const LEAST_ROAD = 0.01;

/** Adds up phantoms picture by picture. */
export class PhantomTally {
  readonly #phantomImages: string[] = [];
  #images = 0;
  #road = 0;
  #dynamic = 0;
  #roadShare = 0;
  #largestDynamic = 0;
  #largestNear = 0;

  /** @param depthMeters [H, W] as the model gives it, not scaled. @param labels [H, W], trainIds. */
  add(
    name: string,
    truth: SparseDepth,
    intrinsics: Intrinsics,
    depthMeters: Float32Array,
    labels: Uint8Array | undefined,
  ): void {
    const plane = findGroundPlane(truth, intrinsics);
    if (plane === undefined) return;
    const road = bareRoad(truth, plane, intrinsics);
    const share = road.pixels / road.depthMeters.length;
    if (share < LEAST_ROAD) return;
    const found = findPhantoms(road, truth.width, depthMeters, labels);
    this.#images++;
    this.#roadShare += share;
    this.#road += road.pixels;
    this.#dynamic += found.dynamicShare * road.pixels;
    this.#largestDynamic = Math.max(this.#largestDynamic, found.largestDynamic);
    this.#largestNear = Math.max(this.#largestNear, found.largestNear);
    if (Math.max(found.largestDynamic, found.largestNear) > LARGE_PIECE) this.#phantomImages.push(name);
  }

  /** Undefined when no picture had bare road. */
  result(): PhantomEvaluation | undefined {
    if (this.#images === 0) return undefined;
    return {
      images: this.#images,
      roadShare: this.#roadShare / this.#images,
      dynamicShare: this.#dynamic / this.#road,
      phantomImages: this.#phantomImages,
      largestDynamic: this.#largestDynamic,
      largestNear: this.#largestNear,
    };
  }
}
