import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { imageCodec } from '../../../msgs/image.js';
import { type PerceptionStatus, perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { depthOfImage } from '../../datasets/truth/depth-image.js';
import { TrainingError } from '../../errors.js';
import { type FrameFigures, frameFigures, sampleGrid } from './frame-figures.js';
import { FrameKeys } from './frame-keys.js';
import { type OutputTopics, outputTopics } from './output-topics.js';

export interface ReportedFrame extends FrameFigures {
  readonly stampNs: bigint;
  /** Of `FrameKeys`. */
  readonly key: string;
  /** Share of the picture that moves; NaN where nothing was compared. */
  readonly moving: number;
}

/** What an output says about its drive. */
export interface OutputRecord {
  readonly topics: OutputTopics;
  /** In the order of their stamps; those that share one in that of the bag. */
  readonly frames: readonly ReportedFrame[];
  /** One line each: why figures are unknown. */
  readonly notes: readonly string[];
  readonly statuses: readonly PerceptionStatus[];
  /** Pixels of each class over all frames. */
  readonly labelCounts: Float64Array;
  /** Messages that could not be read. */
  readonly damaged: number;
  /** One line each. */
  readonly problems: readonly string[];
}

/** In 16UC1, 0 is either (REP 118). */
const TELLS_NO_FAR =
  '`coverage` and `leastCoverage` are unknown: depth in 16UC1 does not tell what is too far, such as the sky, from what is ' +
  'missing. `finiteShare` is known; an output in 32FC1 has both.';

/** Reads an output once. @throws TrainingError when it holds nothing that a report is about. */
export async function readOutput(reader: BagReader): Promise<OutputRecord> {
  const topics = outputTopics(reader);
  const { depth, labels, moving, status } = topics;
  const depths: (FrameFigures & { readonly stampNs: bigint; readonly key: string })[] = [];
  const movingShares = new Map<string, number>();
  const [depthKeys, movingKeys] = [new FrameKeys(), new FrameKeys()];
  const statuses: PerceptionStatus[] = [];
  const labelCounts = new Float64Array(256);
  let before: Float32Array | undefined;
  let damaged = 0;
  let tellsFar = true;
  const wanted = [depth, labels, moving, status].filter((topic) => topic !== undefined);
  for await (const { topic, cdr } of reader.messages({ topics: wanted })) {
    try {
      if (topic === status) {
        statuses.push(perceptionStatusCodec.decode(cdr));
        continue;
      }
      const image = imageCodec.decode(cdr);
      const stampNs = stampToNs(image.header.stamp);
      if (topic === depth) {
        const key = depthKeys.next(stampNs);
        const meters = depthOfImage(image, depth);
        const grid = sampleGrid(meters, image.width, image.height);
        const isFloat = image.encoding === '32FC1';
        tellsFar &&= isFloat;
        depths.push({ stampNs, key, ...frameFigures(meters, grid, before, isFloat) });
        before = grid;
      } else if (topic === labels)
        for (const label of image.data) labelCounts[label] = (labelCounts[label] ?? 0) + 1;
      else
        movingShares.set(
          movingKeys.next(stampNs),
          image.data.filter((value) => value > 0).length / Math.max(1, image.data.length),
        );
    } catch {
      damaged += 1;
    }
  }
  if (depths.length === 0)
    throw new TrainingError(`${reader.path}: no message of ${depth} can be read`, {
      file: reader.path,
      topic: depth,
    });
  const frames = depths
    .map((frame) => ({ ...frame, moving: movingShares.get(frame.key) ?? Number.NaN }))
    .sort((a, b) => Number(a.stampNs - b.stampNs));
  const problems = reader.problems.map(({ what, lost }) => `${what}; lost: ${lost}`);
  const notes = tellsFar ? [] : [TELLS_NO_FAR];
  return { topics, frames, notes, statuses, labelCounts, damaged, problems };
}
