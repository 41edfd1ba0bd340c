import path from 'node:path';
import { UNLABELLED } from '../../../models/class-table.js';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel } from '../../../models/model-store.js';
import type { Perceived } from '../../../models/perceive.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { resizeModel } from '../../perception-graph/resize-model.js';
import { mirrored, mirroredCamera } from '../mirrored.js';
import { agreedDepth } from './agreed-depth.js';
import { fingerprintOf } from './model-teacher.js';
import type { Teacher } from './teacher.js';

/**
 * The model that is adapted as its own teacher. It sees each picture and its mirror image, at so many times its own size, and
 * says what it says of both.
 */
export class SelfTeacher implements Teacher {
  readonly name: string;
  readonly fingerprint: string;
  /** Not `metric`: at another size its metres are others. */
  readonly depth = 'scalable';
  readonly classes: readonly string[];
  readonly pixels: number;
  readonly #runner: ModelRunner;

  private constructor(runner: ModelRunner, times: number) {
    const { manifest } = runner;
    this.name = `${manifest.name}/${manifest.version} with mirror images${times === 1 ? '' : `, at ${times} times its size`}`;
    this.fingerprint = `mirrored ${times} ${fingerprintOf(manifest)}`;
    this.classes = manifest.classes.map(({ name }) => name);
    this.pixels = manifest.input.pixels;
    this.#runner = runner;
  }

  /**
   * @param times width and height of what it sees. @param scratch folder for a model of another size.
   * @throws TrainingError for a model whose network is not of this project's kind.
   */
  static async open(folder: string, times: number, scratch: string, threads: number): Promise<SelfTeacher> {
    if (times === 1) return new SelfTeacher(await ModelRunner.open(folder, threads), 1);
    const model = await loadModel(folder);
    const resized = path.join(scratch, `self-${times}`);
    await resizeModel(
      model,
      { folder: resized, overwrite: true },
      Math.round(model.manifest.input.pixels * times ** 2),
    );
    return new SelfTeacher(await ModelRunner.open(resized, threads), times);
  }

  async see(picture: RgbPicture, intrinsics: Intrinsics): Promise<Perceived> {
    const { width } = picture;
    const plain = await this.#runner.run(picture, intrinsics);
    const inMirror = await this.#runner.run(
      { ...picture, rgb: mirrored(picture.rgb, width, 3) },
      mirroredCamera(intrinsics, width),
    );
    const back = inMirror.labels && mirrored(inMirror.labels, width);
    return {
      depth: agreedDepth([plain.depth, mirrored(inMirror.depth, width)]),
      labels: plain.labels?.map((label, i) => (label === back?.[i] ? label : UNLABELLED)),
    };
  }

  async close(): Promise<void> {
    await this.#runner.close();
  }
}
