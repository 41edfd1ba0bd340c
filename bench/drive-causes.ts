import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { shippedModel } from '../models/model-store.js';
import { lensEvidence } from '../training/adaptation/drive/lens-evidence.js';
import { unsteadiness } from '../training/adaptation/drive/motion-pixels.js';
import { roadWeight, staticWeight } from '../training/adaptation/drive/survey.js';
import { DYNAMIC_CLASSES } from '../training/losses/dynamic-masks.js';
import { depthFrame, directPose } from '../vision/direct-pose.js';
import { median } from '../vision/median.js';
import { slopedPyramid } from '../vision/sloped-pyramid.js';
import { seenDrive } from './drive-causes/seen-triplets.js';

/**
 * `npm run bench:drive-causes -- --data FOLDER [--drives NAME:SPACING,...] [--count 12]`: what of a drive may keep a network from
 * learning from its motion: focal length, distortion, exposure, vehicles, pixels that tell a wrong motion. A line for each.
 */
const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: shippedModel() },
    drives: { type: 'string', default: 'highway_dashcam:2,kitti_road_raw:1' },
    count: { type: 'string', default: '12' },
    threads: { type: 'string', default: '2' },
  },
});
const { data } = flags;
if (data === undefined) throw new Error('expected `--data FOLDER`, a folder with the recorded drives');
const LEVELS = 5;
const model = await ModelRunner.open(flags.model, Number(flags.threads));
for (const text of flags.drives.split(',')) {
  const [name = '', spacing = '1'] = text.split(':');
  const drive = await seenDrive(path.join(data, name), model, {
    ...{ count: Number(flags.count), spacing: Number(spacing) },
  });
  const { triplets, intrinsics } = drive;
  const gains: number[] = [];
  const offsets: number[] = [];
  const dynamic: number[] = [];
  for (const pixels of ['static', 'road'] as const) {
    const speeds: number[] = [];
    const residuals: number[] = [];
    const moved: Parameters<typeof unsteadiness>[0][number][] = [];
    for (const [i, { target, next, seconds }] of triplets.entries()) {
      const { depthMeters, labels } = target;
      if (pixels === 'static') {
        const share = labels.reduce((sum, label) => sum + (DYNAMIC_CLASSES.includes(label) ? 1 : 0), 0);
        dynamic.push(share / labels.length);
      }
      const weight = pixels === 'road' ? roadWeight(labels) : staticWeight(labels, labels.length);
      if (weight === undefined) continue;
      const frame = depthFrame(slopedPyramid(target, LEVELS), depthMeters, weight, intrinsics);
      const pose = directPose(frame, slopedPyramid(next, LEVELS), 1);
      if (pose === undefined) continue;
      const m = pose.sourceFromTarget;
      speeds.push(Math.hypot(m[3], m[7], m[11]) / seconds);
      residuals.push(pose.residual);
      moved.push({ target: 4 * i, next: 4 * i + 1, nextPose: m });
      if (pixels === 'road') {
        gains.push(Math.abs(Math.log(pose.gain)));
        offsets.push(Math.abs(pose.offset));
      }
    }
    const sorted = [...speeds].sort((a, b) => a - b);
    say(
      `${name}: motion by ${pixels} pixels of ${speeds.length} pictures: ${sorted[0]?.toFixed(1)} to ` +
        `${sorted[sorted.length - 1]?.toFixed(1)} m/s, median ${median(speeds).toFixed(1)}, it jumps by ` +
        `${(100 * unsteadiness(moved)).toFixed(0)} %; residual ${median(residuals).toFixed(4)}`,
    );
  }
  say(
    `${name}: exposure from picture to picture: gain by ${(100 * median(gains)).toFixed(2)} % (at most ` +
      `${(100 * Math.max(...gains)).toFixed(2)} %), offset by ${(255 * median(offsets)).toFixed(2)} of 255`,
  );
  say(`${name}: dynamic classes cover ${(100 * median(dynamic)).toFixed(1)} % of the pictures (median)`);
  for (const { error, change, tells } of lensEvidence(triplets, intrinsics)) {
    const { mean, low, high } = change;
    say(
      `${name}: focal length x ${error.focal}, k1 ${error.k1}: residual ${percent(mean)} (95 % ${percent(low)} to ${percent(high)})` +
        (tells ? ', better than camera_info' : ''),
    );
  }
}
await model.close();

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(2)} %`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
