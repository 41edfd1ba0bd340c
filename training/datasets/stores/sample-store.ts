import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { UNLABELLED } from '../../../models/class-table.js';
import { codeOf } from '../../../msgs/code-of.js';
import { makeFolderSync } from '../../../msgs/files/make-folder-sync.js';
import { TrainingError } from '../../errors.js';
import type { Sample } from './sample.js';

/** What a store was made from; a store is only reused for the same description. */
export interface StoreDescription {
  /** Who made the samples, for example `simulator wide`. */
  readonly source: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** What is known beside pictures and intrinsics: nothing (false) or the classes alone; left out: classes and depth. */
  readonly truth?: false | 'labels';
}

const INTRINSICS_BYTES = 4 * 8;

/**
 * Samples of equal size in one flat file, so that any of them is one read at a known offset. Each is fx, fy, cx, cy
 * (float64), depth (float32), rgb, labels; what is not known is left out. A second file has a byte a sample, 1 once it is
 * complete. Several processes or workers may fill a store, and an interrupted fill goes on where it stopped.
 */
export class SampleStore {
  readonly description: StoreDescription;
  readonly #data: number;
  readonly #done: number;
  readonly #sampleBytes: number;

  private constructor(description: StoreDescription, data: number, done: number) {
    this.description = description;
    this.#data = data;
    this.#done = done;
    this.#sampleBytes =
      INTRINSICS_BYTES + description.width * description.height * bytesPerPixel(description);
  }

  /**
   * Opens the store in `folder`, making it when it is not there.
   * @throws TrainingError when the folder holds a store of another description.
   */
  static open(folder: string, description: StoreDescription): SampleStore {
    makeFolderSync(folder);
    const json = path.join(folder, 'store.json');
    const { source, seed, width, height, count, truth } = description;
    const wanted = `${JSON.stringify({ source, seed, width, height, count, truth }, null, 2)}\n`;
    // In this order: whoever fills the same store writes its description first.
    const filled =
      existsSync(path.join(folder, 'samples.bin')) || existsSync(path.join(folder, 'complete.bin'));
    const found = readIfThere(json);
    if (found === undefined) {
      if (filled) {
        throw new TrainingError(
          `${folder} has a \`samples.bin\` or \`complete.bin\`, but no \`store.json\` that says of what: name another folder.`,
          { file: folder },
        );
      }
      // Renamed into place: nobody ever sees half a description.
      const draft = `${json}.${process.pid}.${threadId}`;
      writeFileSync(draft, wanted);
      renameSync(draft, json);
    } else if (found !== wanted) {
      throw new TrainingError(
        `${folder} holds other samples: expected \`${JSON.stringify(description)}\`, found ${found.replaceAll(/\s+/g, ' ')}. Name another folder, or delete it.`,
        { file: folder },
      );
    }
    const data = openForUpdate(path.join(folder, 'samples.bin'));
    const done = openForUpdate(path.join(folder, 'complete.bin'));
    ftruncateSync(done, description.count);
    return new SampleStore(description, data, done);
  }

  /** Indices that are not yet complete, ascending. */
  missing(): number[] {
    const flags = new Uint8Array(this.description.count);
    readSync(this.#done, flags, 0, flags.length, 0);
    return [...flags.keys()].filter((index) => flags[index] !== 1);
  }

  write(index: number, sample: Sample): void {
    const { width, height } = this.description;
    if (sample.width !== width || sample.height !== height) {
      throw new TrainingError(
        `expected samples of \`${width}x${height}\`, got ${sample.width}x${sample.height}`,
      );
    }
    const record = new Uint8Array(this.#sampleBytes);
    const { fx, fy, cx, cy } = sample.intrinsics;
    new Float64Array(record.buffer, 0, 4).set([fx, fy, cx, cy]);
    const pixels = width * height;
    const { truth } = this.description;
    const picture = INTRINSICS_BYTES + (truth === undefined ? pixels * 4 : 0);
    if (truth === undefined)
      new Float32Array(record.buffer, INTRINSICS_BYTES, pixels).set(sample.depthMeters);
    record.set(sample.rgb, picture);
    if (truth !== false) record.set(sample.labels, picture + pixels * 3);
    const written = writeSync(this.#data, record, 0, record.length, index * this.#sampleBytes);
    if (written !== record.length) {
      throw new TrainingError(
        `sample ${index} could not be written: ${written} of ${record.length} bytes, is the disk full?`,
      );
    }
    writeSync(this.#done, new Uint8Array([1]), 0, 1, index);
  }

  /** Depth that is not known is NaN, labels 255. @throws TrainingError when the file is shorter than it says. */
  read(index: number): Sample {
    const { width, height } = this.description;
    const record = new Uint8Array(this.#sampleBytes);
    if (readSync(this.#data, record, 0, record.length, index * this.#sampleBytes) !== record.length) {
      throw new TrainingError(`sample ${index} of the store is cut off; delete the store and make it again`);
    }
    const [fx = 0, fy = 0, cx = 0, cy = 0] = new Float64Array(record.buffer, 0, 4);
    const pixels = width * height;
    const { truth } = this.description;
    const picture = INTRINSICS_BYTES + (truth === undefined ? pixels * 4 : 0);
    return {
      width,
      height,
      intrinsics: { fx, fy, cx, cy },
      depthMeters:
        truth === undefined
          ? new Float32Array(record.buffer, INTRINSICS_BYTES, pixels)
          : new Float32Array(pixels).fill(Number.NaN),
      rgb: record.subarray(picture, picture + pixels * 3),
      labels:
        truth === false ? new Uint8Array(pixels).fill(UNLABELLED) : record.subarray(picture + pixels * 3),
    };
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#done);
  }
}

/** rgb, and the classes and the depth where they are known. */
function bytesPerPixel({ truth }: StoreDescription): number {
  return 3 + (truth === false ? 0 : 1) + (truth === undefined ? 4 : 0);
}

/** Opens for reading and writing at positions, without cutting what is there. */
function openForUpdate(file: string): number {
  return openSync(file, constants.O_RDWR | constants.O_CREAT);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
