import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Manifest } from '../../models/manifest.js';
import { loadModel } from '../../models/model-store.js';
import { openSession } from '../../models/open-session.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';

/** What a model says about a picture; arrays are [height, width] of the picture. */
export interface ModelOutput {
  /** Metres (or the model's unit); +Infinity is too far, NaN none. */
  readonly depth: Float32Array;
  /** trainIds; without segmentation there are none. */
  readonly labels: Uint8Array | undefined;
}

/** A deployed model as the node runs it: its perception graph, picture by picture. */
export class ModelRunner {
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

  async run({ width, height, rgb }: RgbPicture, { fx, fy, cx, cy }: Intrinsics): Promise<ModelOutput> {
    const segments = this.manifest.classes.length > 0;
    const int64 = (values: readonly number[], shape: readonly number[]) =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
    const flag = (value: boolean) => new Tensor('bool', [value], []);
    const outputs = await this.#session.run(
      {
        image: new Tensor('uint8', rgb, [height, width * 3]),
        width: int64([width], []),
        bytes_per_pixel: int64([3], []),
        channel_order: int64([0, 1, 2], [3]),
        k: new Tensor('float32', Float32Array.of(fx, 0, cx, 0, fy, cy, 0, 0, 1), [3, 3]),
        scale: new Tensor('float32', Float32Array.of(1), []),
        rays: new Tensor('float32', new Float32Array(0), [0, 0, 2]),
        point_stride: int64([1], []),
        want_labels: flag(segments),
        want_points: flag(false),
        want_depth16: flag(false),
        want_network_image: flag(false),
      },
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
