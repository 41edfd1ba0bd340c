import { CITYSCAPES_CLASSES, UNLABELLED } from '../../models/class-table.js';
import type { DeviceChoice } from '../../models/device.js';
import type { Manifest } from '../../models/manifest.js';
import { loadModel } from '../../models/model-store.js';
import type { InferenceSession, Tensor } from '../../models/onnxruntime.js';
import { openSession } from '../../models/open-session.js';
import { perceptionFeeds } from '../../models/perception-feeds.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../errors.js';

/** What a model says about a picture. */
export interface Perceived {
  /** [height, width], as the model gives it: not scaled; +Infinity = beyond its range. */
  readonly depthMeters: Float32Array;
  /** [height, width], Cityscapes trainIds, 255 = a class that is none of them; undefined without segmentation. */
  readonly labels: Uint8Array | undefined;
}

/**
 * A model folder's perception graph, run picture by picture on this thread, which it blocks: for evaluations, not for
 * streams. Inputs as in docs/perception-graph.md.
 */
export class PerceptionRunner {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly #session: InferenceSession;
  readonly #trainIds: Uint8Array | undefined;

  private constructor(folder: string, manifest: Manifest, session: InferenceSession) {
    this.folder = folder;
    this.manifest = manifest;
    this.#session = session;
    this.#trainIds = trainIdTable(manifest);
  }

  /** @throws ModelError when the folder or the device is not usable. */
  static async open(folder: string, device: DeviceChoice = 'auto'): Promise<PerceptionRunner> {
    const { manifest, graphPath } = await loadModel(folder);
    const { session } = await openSession(graphPath, device);
    return new PerceptionRunner(folder, manifest, session);
  }

  /** Whether its classes can be compared with trainIds. */
  get segments(): boolean {
    return this.#trainIds !== undefined;
  }

  /** @param intrinsics of the picture; undefined: square pixels, and the depth means nothing. */
  async run({ width, height, rgb }: RgbPicture, intrinsics: Intrinsics | undefined): Promise<Perceived> {
    const camera = intrinsics ?? { fx: width, fy: width, cx: width / 2, cy: height / 2 };
    const feeds = perceptionFeeds({ width, height, rgb }, camera, this.segments);
    const { depth, labels } = await this.#session.run(feeds, ['depth', 'labels']);
    const table = this.#trainIds;
    return {
      depthMeters: dataOf(depth, 'float32', this.folder) as Float32Array,
      labels:
        table === undefined
          ? undefined
          : (dataOf(labels, 'uint8', this.folder) as Uint8Array).map((label) => table[label] ?? UNLABELLED),
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function dataOf(tensor: Tensor | undefined, type: string, folder: string): Tensor['data'] {
  if (tensor?.type === type) return tensor.data;
  throw new TrainingError(`${folder}: the graph does not give what its contract says; export it again.`);
}

/** trainId of each of the model's labels, by the classes' names; undefined when none of them is Cityscapes'. */
function trainIdTable({ classes }: Manifest): Uint8Array | undefined {
  const table = new Uint8Array(256).fill(UNLABELLED);
  for (const [label, { name }] of classes.entries()) {
    const trainId = CITYSCAPES_CLASSES.findIndex((known) => known.name === name.toLowerCase());
    if (trainId >= 0) table[label] = trainId;
  }
  return table.some((trainId) => trainId !== UNLABELLED) ? table : undefined;
}
