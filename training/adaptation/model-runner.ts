import type { Manifest } from '../../models/manifest.js';
import { loadModel } from '../../models/model-store.js';
import type { InferenceSession } from '../../models/onnxruntime.js';
import { openSession } from '../../models/open-session.js';
import { perceptionFeeds } from '../../models/perception-feeds.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';

/** What a model says about a picture; arrays are [height, width] of the picture. */
export interface ModelOutput {
  /** Metres (or the model's unit); +Infinity is too far, NaN none. */
  readonly depth: Float32Array;
  /** trainIds; without segmentation there are none. */
  readonly labels: Uint8Array | undefined;
}

/** Whatever sees depth and classes in pictures. */
export interface PictureModel {
  readonly manifest: Manifest;
  run(picture: RgbPicture, intrinsics: Intrinsics): Promise<ModelOutput>;
}

/** A deployed model as the node runs it: its perception graph, picture by picture. */
export class ModelRunner implements PictureModel {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #session: InferenceSession;

  private constructor(folder: string, manifest: Manifest, session: InferenceSession) {
    this.folder = folder;
    this.manifest = manifest;
    this.#session = session;
  }

  /** Checks the hashes and opens the graph on the CPU. @throws ModelError */
  static async open(folder: string, threads: number): Promise<ModelRunner> {
    const { manifest, graphPath } = await loadModel(folder);
    const { session } = await openSession(graphPath, 'cpu', threads);
    return new ModelRunner(folder, manifest, session);
  }

  async run(picture: RgbPicture, intrinsics: Intrinsics): Promise<ModelOutput> {
    const segments = this.manifest.classes.length > 0;
    const outputs = await this.#session.run(
      perceptionFeeds(picture, intrinsics, segments),
      segments ? ['depth', 'labels'] : ['depth'],
    );
    return {
      depth: outputs.depth?.data as Float32Array,
      labels: segments ? (outputs.labels?.data as Uint8Array) : undefined,
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
