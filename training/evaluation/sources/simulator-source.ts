import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { checkOptions, countOption, type DataSpec } from '../../datasets/data-spec.js';
import { sparseFromDense } from '../../datasets/stores/sparse-depth.js';
import { TrainingError } from '../../errors.js';
import { domainNamed } from '../../simulator/domains.js';
import { simulateDrive } from '../../simulator/drive.js';
import type { SimulatedFrame } from '../../simulator/frame.js';
import type { DriveOptions } from '../../simulator/options.js';
import type { EvaluationFrame, EvaluationSource } from './evaluation-source.js';

/** `simulator:DOMAIN?frames=40&seed=7&width=1242&height=375&rate=10&focal=720`: one drive with exact truth. */
export function simulatorSource(spec: DataSpec, limit = Number.POSITIVE_INFINITY): EvaluationSource {
  checkOptions(spec, ['frames', 'seed', 'width', 'height', 'rate', 'focal']);
  const options: DriveOptions = {
    domain: domainNamed(spec.place),
    seed: seedOf(spec),
    frames: Math.min(limit, countOption(spec, 'frames', 40)),
    width: countOption(spec, 'width', 1242),
    height: countOption(spec, 'height', 375),
    frameRate: countOption(spec, 'rate', 10),
    ...(spec.options.focal !== undefined && { focalPixels: countOption(spec, 'focal', 1) }),
  };
  return {
    title: `simulated ${spec.place}, seed ${options.seed}, ${options.frames} frames`,
    depthTruth: 'the simulator (camera z)',
    crop: 'garg',
    missing: [],
    count: options.frames,
    async *depths() {
      for (const frame of simulateDrive(options)) yield depthOf(frame);
    },
    async *frames() {
      for (const frame of simulateDrive(options)) yield evaluationFrame(frame);
    },
    close: async () => {},
  };
}

function depthOf({ depthMeters, height, width }: SimulatedFrame) {
  return sparseFromDense(depthMeters, height, width);
}

function evaluationFrame(frame: SimulatedFrame): EvaluationFrame {
  const { stampNs, width, height, rgb, intrinsics, labels } = frame;
  return {
    name: String(stampNs),
    picture: rgbPicture(width, height, rgb),
    intrinsics,
    depth: depthOf(frame),
    labels,
  };
}

function seedOf({ options }: DataSpec): number {
  const seed = Number(options.seed ?? 0);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new TrainingError(`simulator: expected \`seed\` to be a whole number, got \`${options.seed}\``);
}
