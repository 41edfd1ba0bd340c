import { hasScalableDepth, type Manifest } from '../../../models/manifest.js';
import { ModelRunner } from '../../../models/model-runner.js';
import type { Perceived } from '../../../models/perceive.js';
import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { Teacher, TeacherDepth } from './teacher.js';

/** Any model folder as a teacher: one of this project, or an imported network. */
export class ModelTeacher implements Teacher {
  readonly name: string;
  readonly fingerprint: string;
  readonly depth: TeacherDepth;
  readonly classes: readonly string[];
  readonly pixels: number;
  readonly #runner: ModelRunner;

  private constructor(runner: ModelRunner) {
    const { manifest } = runner;
    this.name = `${manifest.name}/${manifest.version} (${manifest.license})`;
    this.fingerprint = fingerprintOf(manifest);
    this.depth = teacherDepth(manifest);
    this.classes = manifest.classes.map(({ name }) => name);
    this.pixels = manifest.input.pixels;
    this.#runner = runner;
  }

  /** @throws ModelError when the folder is not usable. */
  static async open(folder: string, threads: number): Promise<ModelTeacher> {
    return new ModelTeacher(await ModelRunner.open(folder, threads));
  }

  async see(picture: RgbPicture, intrinsics: Intrinsics): Promise<Perceived> {
    return await this.#runner.run(picture, intrinsics);
  }

  async close(): Promise<void> {
    await this.#runner.close();
  }
}

/** What a manifest says of the depth. */
function teacherDepth(manifest: Pick<Manifest, 'depth'>): TeacherDepth {
  const { depth } = manifest;
  if (depth.kind === 'none') return 'none';
  if (depth.metric) return 'metric';
  if (hasScalableDepth(manifest)) return 'scalable';
  return depth.kind === 'affine-depth' ? 'affine' : 'affine-inverse';
}

/** The hashes of a model's files. */
export function fingerprintOf({ files }: Pick<Manifest, 'files'>): string {
  return Object.values(files)
    .map(({ sha256 }) => sha256)
    .sort()
    .join();
}
