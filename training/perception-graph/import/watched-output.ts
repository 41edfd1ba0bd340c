import { TrainingError } from '../../errors.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { checkMap, type MapAxes, mapAxes } from './foreign-map.js';
import type { MapPlace } from './import-schema.js';
import type { ImportedNetwork } from './imported-network.js';

/** What an output gave on one picture. */
export interface SeenOutput {
  readonly file: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: Float32Array;
  /** Of the network's image. */
  readonly image: { readonly height: number; readonly width: number };
}

/** An output that a description uses, and what its numbers must be: the file alone does not tell. */
export interface WatchedOutput {
  readonly network: ImportedNetwork;
  readonly output: ForeignValue;
  /** @throws TrainingError naming file and output where this cannot be what the description says. */
  see(seen: SeenOutput): void;
  /** Whether further pictures would tell no more. */
  isSure(): boolean;
  /**
   * After the last picture.
   * @returns warnings.
   * @throws TrainingError, likewise.
   */
  judge(): readonly string[];
}

/** A map this much higher than the network's image, compared with its width, is another map. */
const MOST_DISTORTED = 1.5;
/** Below this the rounding of extents distorts as much. */
const FEW_PIXELS = 4;

/** Checks that an output is a map of the network's image. @throws TrainingError naming file and output. */
export function checkExtents({ file, name, shape, image }: SeenOutput, rows: number): void {
  const [height = 1, width = 1] = [shape[rows], shape[rows + 1]];
  const text = `${file}: output \`${name}\` has ${width} x ${height} numbers for an image of ${image.width} x ${image.height}`;
  if (height * width === 1 && image.height * image.width > 1)
    throw new TrainingError(`${text}; expected a number a pixel, or for every few pixels`);
  const distorted = height / image.height / (width / image.width);
  if (Math.min(height, width) < FEW_PIXELS || Math.max(distorted, 1 / distorted) < MOST_DISTORTED) return;
  throw new TrainingError(
    `${text}; expected its aspect ratio: are its axes in another order than \`layout\` says?`,
  );
}

/** The numbers of a map of one number a pixel. @throws TrainingError where it is none. */
export function mapNumbers(
  seen: SeenOutput,
  declared: ForeignValue,
  place: MapPlace,
  network: ImportedNetwork,
) {
  checkRank(seen, declared);
  const axes = mapAxes(declared.shape ?? seen.shape, place, network.layout);
  checkMap(seen, place, axes);
  checkExtents(seen, axes.rows);
  return place.channel === undefined ? seen.numbers : channelOf(seen, axes, place.channel);
}

/** @throws TrainingError where an output has another number of axes than its file says. */
export function checkRank({ file, name, shape }: SeenOutput, declared: ForeignValue): void {
  if (declared.shape === undefined || declared.shape.length === shape.length) return;
  throw new TrainingError(
    `${file}: output \`${name}\` has the shape [${shape.join(', ')}], the file says [${declared.shape.join(', ')}]; export the network again`,
  );
}

function channelOf({ numbers, shape }: SeenOutput, { channelAxis }: MapAxes, channel: number): Float32Array {
  const count = shape[channelAxis] ?? 1;
  const inner = shape.slice(channelAxis + 1).reduce((product, extent) => product * extent, 1);
  return numbers.filter((_, i) => Math.floor(i / inner) % count === channel);
}
