import type { PictureModel } from '../../../../models/model-runner.js';
import { SampleStore, type StoreDescription } from '../../../datasets/stores/sample-store.js';
import type { DrivePicture } from '../../drive/drive-pictures.js';
import type { JudgedDrive } from '../judged-drive.js';
import { ClassPlaces } from './class-places.js';
import { type ComparedPicture, LabelEvidence } from './label-evidence.js';
import { type LabelFigures, labelFigures } from './label-figures.js';
import type { GuardLabels } from './label-verdict.js';
import { sceneCells } from './scene-cells.js';

export interface JudgedLabelsOptions {
  readonly parent: PictureModel;
  readonly drive: JudgedDrive;
  /** Single pictures of the judged part. */
  readonly pictures: readonly DrivePicture[];
  readonly guards: readonly JudgedDrive[];
  /** Labelled samples, which say where classes are. */
  readonly source: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly indices: readonly number[];
  };
  /** Largest number of pictures of the drive; default 24. */
  readonly mostPictures?: number | undefined;
}

const MOST_PICTURES = 24;
const MOST_GUARD_PICTURES = 8;
const GLANCE_PICTURES = 8;

/** What recorded drives say about candidates' labels. */
export class JudgedLabels {
  readonly #drive: LabelEvidence;
  readonly #pictures: readonly ComparedPicture[];
  readonly #most: number;
  readonly #guards: readonly {
    readonly name: string;
    readonly evidence: LabelEvidence;
    readonly pictures: readonly ComparedPicture[];
  }[];

  private constructor(options: JudgedLabelsOptions, table: Float32Array) {
    const { parent, drive, pictures, guards, mostPictures = MOST_PICTURES } = options;
    this.#most = mostPictures;
    this.#drive = new LabelEvidence(drive.store, parent, table);
    this.#pictures = compared(drive, pictures);
    this.#guards = guards.map((guard) => ({
      name: guard.name,
      evidence: new LabelEvidence(guard.store, parent, table),
      pictures: compared(guard, []),
    }));
  }

  static async open(options: JudgedLabelsOptions): Promise<JudgedLabels> {
    return new JudgedLabels(options, await placesOf(options));
  }

  async glance(candidate: PictureModel): Promise<LabelFigures | undefined> {
    const some = thinned(this.#pictures, GLANCE_PICTURES);
    return some.length === 0 ? undefined : labelFigures(await this.#drive.compare(candidate, some));
  }

  /** @returns undefined for the drive where it has no picture to ask. */
  async judge(
    candidate: PictureModel,
  ): Promise<{ readonly labels: LabelFigures | undefined; readonly guards: readonly GuardLabels[] }> {
    const some = thinned(this.#pictures, this.#most);
    const labels = some.length === 0 ? undefined : labelFigures(await this.#drive.compare(candidate, some));
    const guards: GuardLabels[] = [];
    for (const { name, evidence, pictures } of this.#guards) {
      const few = thinned(pictures, MOST_GUARD_PICTURES);
      if (few.length > 0) guards.push({ name, labels: labelFigures(await evidence.compare(candidate, few)) });
    }
    return { labels, guards };
  }
}

/** Targets of triplets with the pictures after them; of a drive that hardly moves its pictures by themselves. */
function compared({ triplets }: JudgedDrive, pictures: readonly DrivePicture[]): ComparedPicture[] {
  return triplets.length >= pictures.length / 2
    ? triplets.map(({ target, next }) => ({ index: target, next }))
    : pictures.map(({ index }) => ({ index }));
}

/** Where the source's classes are, as the parent sees depth. */
async function placesOf({ parent, source }: JudgedLabelsOptions): Promise<Float32Array> {
  const places = new ClassPlaces(parent.manifest.classes.length);
  const store = SampleStore.open(source.folder, source.description);
  try {
    for (const index of source.indices) {
      const sample = store.read(index);
      const { depth } = await parent.run(sample, sample.intrinsics);
      const cells = sceneCells(depth, sample.intrinsics, sample.width, sample.height);
      if (cells !== undefined) places.add(cells, sample.labels);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    store.close();
  }
  return places.information();
}

function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]);
}
