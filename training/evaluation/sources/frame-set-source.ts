import type { FrameFiles, FrameSet } from '../../datasets/files/frame-files.js';
import { pictureSize } from '../../datasets/files/picture-size.js';
import { readDepth } from '../../datasets/files/read-depth.js';
import { readLabels } from '../../datasets/files/read-labels.js';
import { readPicture } from '../../datasets/files/read-picture.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { TrainingError } from '../../errors.js';
import type { EvaluationFrame, EvaluationSource } from './evaluation-source.js';

/**
 * A published data set as pictures to evaluate on. Truth from LiDAR sweeps is evaluated inside the Garg crop, as all
 * publications do; disparity maps and the improved ground truth are not cropped. A data set may have a protocol of its own.
 * @param limit only the first frames.
 */
export function frameSetSource(
  { title, frames, missing, depthTruth, crop, protocol, classSets }: FrameSet,
  limit = Number.POSITIVE_INFINITY,
): EvaluationSource {
  const used = frames.slice(0, limit);
  return {
    title: used.length < frames.length ? `${title}, the first ${used.length}` : title,
    depthTruth,
    crop: crop ?? (used.some(({ depth }) => depth?.kind === 'velodyne') ? 'garg' : 'none'),
    ...protocol,
    ...{ missing, classSets },
    count: used.length,
    depths: () => depths(used),
    frames: () => read(used),
    close: async () => {},
  };
}

async function* depths(frames: readonly FrameFiles[]): AsyncGenerator<SparseDepth> {
  for (const { depth, picture } of frames) {
    if (depth !== undefined) yield await readDepth(depth, await pictureSize(picture));
  }
}

async function* read(frames: readonly FrameFiles[]): AsyncGenerator<EvaluationFrame> {
  for (const { name, picture: file, intrinsics, depth, labels } of frames) {
    const picture = await readPicture(file);
    const trueDepth = depth && (await readDepth(depth, picture));
    const trueLabels = labels && (await readLabels(labels));
    if (trueDepth !== undefined) checkSize(picture, trueDepth, file, depth?.file);
    if (trueLabels !== undefined) checkSize(picture, trueLabels, file, labels?.file);
    yield { name, picture, intrinsics, depth: trueDepth, labels: trueLabels?.values };
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function checkSize(picture: Size, truth: Size, file: string, truthFile = ''): void {
  if (picture.width === truth.width && picture.height === truth.height) return;
  throw new TrainingError(
    `${truthFile} has ${truth.width} x ${truth.height} pixels, expected those of ${file}: \`${picture.width} x ${picture.height}\`.`,
    { file: truthFile },
  );
}
