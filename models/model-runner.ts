import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../msgs/picture/rgb-picture.js';
import type { DeviceChoice } from './device.js';
import type { Manifest } from './manifest.js';
import { loadModel } from './model-store.js';
import type { InferenceSession } from './onnxruntime.js';
import { openSession } from './open-session.js';
import { type Perceived, perceive } from './perceive.js';

/** Whatever sees depth and classes in pictures. */
export interface PictureModel {
  readonly manifest: Manifest;
  run(picture: RgbPicture, intrinsics: Intrinsics): Promise<Perceived>;
}

/**
 * A model folder's perception graph, run picture by picture on this thread, which it blocks: for training and evaluation,
 * not for streams.
 */
export class ModelRunner implements PictureModel {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #session: InferenceSession;

  private constructor(folder: string, manifest: Manifest, session: InferenceSession) {
    this.folder = folder;
    this.manifest = manifest;
    this.#session = session;
  }

  /**
   * Checks the hashes and opens the graph.
   * @param threads of the CPU; onnxruntime's own choice by default.
   * @throws ModelError when the folder or the device is not usable.
   */
  static async open(folder: string, threads?: number, device: DeviceChoice = 'cpu'): Promise<ModelRunner> {
    const { manifest, graphPath } = await loadModel(folder);
    const { session } = await openSession(graphPath, device, threads);
    return new ModelRunner(folder, manifest, session);
  }

  /** @throws ModelError when the graph does not give what its contract says. */
  async run(picture: RgbPicture, intrinsics: Intrinsics): Promise<Perceived> {
    const { classes, confidence } = this.manifest;
    const wants = { labels: classes.length > 0, confidence: confidence !== undefined };
    return await perceive(this.#session, picture, intrinsics, wants);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
