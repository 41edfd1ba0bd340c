import type { PictureModel } from '../../../../models/model-runner.js';
import type { Sample } from '../../../datasets/stores/sample.js';
import { SampleStore, type StoreDescription } from '../../../datasets/stores/sample-store.js';
import { mirrored, mirroredCamera } from '../../mirrored.js';
import { LabelOverlap } from './label-overlap.js';
import { sameSurface } from './same-surface.js';
import { sceneCells } from './scene-cells.js';

/** A picture that is judged by and, where the camera moved, the one after it that is compared with it. */
export interface ComparedPicture {
  readonly index: number;
  readonly next?: number | undefined;
}

/** What one model's labels of a picture are worth, without truth. */
export interface ModelLabels {
  /** [H, W]. */
  readonly labels: Uint8Array;
  /** Sum over the pixels of what class and place say about each other, nats; undefined where no road is found. */
  readonly place: number | undefined;
  /** With the labels of the mirror image, and with those of the next picture. */
  readonly mirror: LabelOverlap;
  readonly time: LabelOverlap | undefined;
}

export interface LabelRow {
  readonly parent: ModelLabels;
  readonly candidate: ModelLabels;
  /** Pixels whose class is another than the parent's. */
  readonly changed: number;
}

/** What does not depend on who is compared; by the parent's depth, so that who is judged has no say. */
interface PictureFacts {
  readonly cells: Uint16Array | undefined;
  /** Index of the next picture's pixel that shows the same; -1 where none does. */
  readonly same: Int32Array | undefined;
  parent?: ModelLabels;
}

/** Labels of candidates for one parent on recorded pictures; the parent's side is computed once. */
export class LabelEvidence {
  readonly #store: { readonly folder: string; readonly description: StoreDescription };
  readonly #parent: PictureModel;
  readonly #table: Float32Array;
  readonly #classes: number;
  readonly #facts = new Map<number, PictureFacts>();

  /**
   * @param store pictures with the parent's depth and labels.
   * @param table what class and cell say about each other, [cells, classes]: `ClassPlaces.information`.
   */
  constructor(
    store: { readonly folder: string; readonly description: StoreDescription },
    parent: PictureModel,
    table: Float32Array,
  ) {
    this.#store = store;
    this.#parent = parent;
    this.#table = table;
    this.#classes = parent.manifest.classes.length;
  }

  /** @param pictures in the order of time. */
  async compare(candidate: PictureModel, pictures: readonly ComparedPicture[]): Promise<LabelRow[]> {
    const rows: LabelRow[] = [];
    const store = SampleStore.open(this.#store.folder, this.#store.description);
    try {
      for (const { index, next } of pictures) {
        const sample = store.read(index);
        const following = next === undefined ? undefined : store.read(next);
        const facts = this.#facts.get(index) ?? factsOf(sample, following);
        this.#facts.set(index, facts);
        facts.parent ??= await this.#see(this.#parent, sample, following, facts);
        const { parent } = facts;
        const seen = await this.#see(candidate, sample, following, facts);
        let changed = 0;
        for (let i = 0; i < seen.labels.length; i++) if (seen.labels[i] !== parent.labels[i]) changed++;
        rows.push({ parent, candidate: seen, changed });
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      store.close();
    }
    return rows;
  }

  async #see(
    model: PictureModel,
    sample: Sample,
    next: Sample | undefined,
    { cells, same }: PictureFacts,
  ): Promise<ModelLabels> {
    const { width, intrinsics } = sample;
    const labels = await labelsOf(model, sample);
    const reflected = await labelsOf(model, {
      ...{ ...sample, rgb: mirrored(sample.rgb, width, 3) },
      intrinsics: mirroredCamera(intrinsics, width),
    });
    const back = mirrored(reflected, width);
    const inMirror = new LabelOverlap(this.#classes);
    let place = 0;
    for (let i = 0; i < labels.length; i++) {
      inMirror.add(labels[i], back[i]);
      if (cells !== undefined && labels[i] < this.#classes)
        place += this.#table[cells[i] * this.#classes + labels[i]];
    }
    return {
      ...{ labels, place: cells && place, mirror: inMirror },
      time: next && same && overTime(labels, await labelsOf(model, next), same, this.#classes),
    };
  }
}

function factsOf(sample: Sample, next: Sample | undefined): PictureFacts {
  const { width, height, intrinsics, depthMeters } = sample;
  return {
    cells: sceneCells(depthMeters, intrinsics, width, height),
    same: next && sameSurface(sample, next),
  };
}

async function labelsOf(model: PictureModel, sample: Sample): Promise<Uint8Array> {
  const { labels } = await model.run(sample, sample.intrinsics);
  return labels ?? new Uint8Array(sample.labels.length).fill(255);
}

function overTime(labels: Uint8Array, next: Uint8Array, same: Int32Array, classes: number): LabelOverlap {
  const overlap = new LabelOverlap(classes);
  for (let i = 0; i < labels.length; i++) if (same[i] >= 0) overlap.add(labels[i], next[same[i]]);
  return overlap;
}
