import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import type { Perceived } from '../../models/perceive.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import type { PicturePlace, Teacher, TeacherDepth } from '../../training/adaptation/teacher/teacher.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';

/** What a spoiled teacher sees instead of the truth. */
export type Spoil = (depthMeters: Float32Array, frame: SimulatedFrame, image: number) => Float32Array;

/** A teacher that knows the truth of a simulated drive, or what `spoil` makes of it; it counts the pictures that it sees. */
export class TruthTeacher implements Teacher {
  readonly name: string;
  readonly fingerprint: string;
  readonly depth: TeacherDepth;
  readonly classes: readonly string[];
  readonly pixels: number;
  looks = 0;
  readonly #frames: readonly SimulatedFrame[];
  readonly #spoil: Spoil;

  constructor(
    name: string,
    frames: readonly SimulatedFrame[],
    {
      depth = 'scalable',
      labels = false,
      spoil = (z) => z,
    }: { readonly depth?: TeacherDepth; readonly labels?: boolean; readonly spoil?: Spoil } = {},
  ) {
    const [first] = frames;
    this.name = name;
    this.fingerprint = `simulated ${name}`;
    this.depth = depth;
    this.classes = labels ? CITYSCAPES_CLASSES.map((each) => each.name) : [];
    this.pixels = first === undefined ? 1 : first.width * first.height;
    this.#frames = frames;
    this.#spoil = spoil;
  }

  see(
    { width, height }: RgbPicture,
    { fx, fy, cx, cy }: Intrinsics,
    { image }: PicturePlace,
  ): Promise<Perceived> {
    this.looks++;
    const frame = this.#frames[image];
    if (frame === undefined) throw new RangeError(`the drive has no image ${image}`);
    const camera = frame.intrinsics;
    const seen = this.#spoil(frame.depthMeters, frame, image);
    const depth = new Float32Array(width * height).fill(Number.NaN);
    const labels = new Uint8Array(width * height).fill(255);
    for (let y = 0; y < height; y++) {
      const row = Math.round(((y - cy) / fy) * camera.fy + camera.cy);
      for (let x = 0; x < width; x++) {
        const column = Math.round(((x - cx) / fx) * camera.fx + camera.cx);
        if (row < 0 || column < 0 || row >= frame.height || column >= frame.width) continue;
        depth[y * width + x] = seen[row * frame.width + column];
        labels[y * width + x] = frame.labels[row * frame.width + column];
      }
    }
    return Promise.resolve({ depth, labels: this.classes.length > 0 ? labels : undefined });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
