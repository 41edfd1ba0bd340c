import path from 'node:path';
import { Command } from 'commander';
import { CITYSCAPES_CLASSES, ROAD, UNLABELLED } from '../models/class-table.js';
import { ModelRunner } from '../models/model-runner.js';
import { packageRoot } from '../models/package-root.js';
import { resolveModel } from '../models/resolve-model.js';
import { openBag } from '../msgs/bag/open-bag.js';
import { cameraModel } from '../msgs/camera/camera-model.js';
import { rgbPicture } from '../msgs/picture/rgb-picture.js';
import { cameraImages } from '../training/datasets/bag/bag-pictures.js';
import { cameraDecoding } from '../training/datasets/bag/camera-decoding.js';
import { firstCameraInfo } from '../training/datasets/bag/camera-info.js';
import { cameraPicture } from '../training/datasets/bag/camera-picture.js';
import { cameraTopics } from '../training/datasets/bag/camera-topics.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateSnapshot } from '../training/simulator/snapshot.js';
import {
  DRAWN_ROAD,
  type DrawnFrame,
  drawnFrames,
  drawnMask,
  IGNORED,
  PERSON,
  STATIC,
  VEHICLE,
} from './drawn-labels/drawn-frame.js';
import { type LabelScore, LabelTally } from './drawn-labels/label-tally.js';
import { ViewedModel } from './drawn-labels/viewed-model.js';

/**
 * Labels of models on frames of recorded drives whose road, vehicles and people were outlined by hand
 * (bench/drawn-labels/frames.json). Prints a table; the last line is JSON.
 */
const program = new Command('bench:labels')
  .option('--data <folder>', 'the recorded drives (default: RXDEPTH_DATA)')
  .option('--snapshots <n>', 'simulated pictures of the domain `wide` to measure on as well', '0')
  .option(
    '--views <sides>',
    'labels of several views of a picture instead, as `--method dada` learns them: 0.75,1.5',
  )
  .option('--model <folders...>', 'model folders or versions (default: the current model)')
  .parse();
const flags = program.opts<{ data?: string; snapshots: string; views?: string; model?: string[] }>();
const sides = flags.views?.split(',').map(Number);
const data = flags.data ?? process.env.RXDEPTH_DATA ?? path.join(packageRoot(), '..', 'shared', 'data');

/** Far from the seeds of trainings and calibrations. */
const FIRST_SEED = 7_000_000;
const frames = await drawnFrames();
const drives = [...new Set(frames.map(({ bag }) => bag))];
const scores: Record<string, Record<string, LabelScore>> = {};
console.log(
  '| model | pictures | dynamic: precision, recall | mean of pictures | road called dynamic | road found | called people, falsely | people found |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const text of flags.model ?? [undefined]) {
  const folder = await resolveModel(text);
  const runner = sides === undefined ? await ModelRunner.open(folder) : new ViewedModel(folder, sides);
  try {
    const tally = new LabelTally();
    for (const bag of drives)
      await addDrive(
        runner,
        path.join(data, bag),
        frames.filter((frame) => frame.bag === bag),
        tally,
      );
    const said: Record<string, LabelScore> = { drawn: tally.score() };
    if (Number(flags.snapshots) > 0) said.simulated = await simulatedScore(runner, Number(flags.snapshots));
    scores[folder] = said;
    for (const [pictures, score] of Object.entries(said)) say(path.basename(folder), pictures, score);
  } finally {
    await runner.close();
  }
}
console.log(JSON.stringify(scores));

function say(model: string, kind: string, score: LabelScore): void {
  const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;
  const { precision, recall, pictures, roadDynamic, roadRecall, people, falsePeople, peopleRecall } = score;
  const cells = [
    ...[model, kind],
    `${percent(precision)}, ${percent(recall)}`,
    `${percent(pictures.precision)}, ${percent(pictures.recall)}`,
    ...[percent(roadDynamic, 2), percent(roadRecall)],
    `${percent(people, 2)}, ${percent(falsePeople, 2)}`,
    percent(peopleRecall),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** The same of simulated pictures, whose truth is exact; seeds that no training takes. */
async function simulatedScore(runner: ModelRunner | ViewedModel, count: number): Promise<LabelScore> {
  const tally = new LabelTally();
  for (let seed = 0; seed < count; seed++) {
    const options = { domain: domainNamed('wide'), seed: FIRST_SEED + seed, width: 832, height: 256 };
    const { width, height, rgb, intrinsics, labels: truth } = simulateSnapshot(options);
    const { labels } = await runner.run(rgbPicture(width, height, rgb), intrinsics);
    if (labels === undefined) throw new Error(`${runner.folder} has no classes`);
    tally.add(labels, truth.map(drawnKind));
  }
  return tally.score();
}

function drawnKind(label: number): number {
  if (label === UNLABELLED) return IGNORED;
  if (label === ROAD) return DRAWN_ROAD;
  const { name, dynamic } = CITYSCAPES_CLASSES[label] ?? { name: '', dynamic: false };
  if (!dynamic) return STATIC;
  return name === 'person' || name === 'rider' ? PERSON : VEHICLE;
}

async function addDrive(
  runner: ModelRunner | ViewedModel,
  place: string,
  drawn: readonly DrawnFrame[],
  tally: LabelTally,
): Promise<void> {
  const bag = await openBag(place);
  try {
    const camera = await cameraTopics(bag);
    const info = await firstCameraInfo(bag, camera);
    const { intrinsics } = cameraModel(info, camera.kind);
    const decoding = cameraDecoding(camera, info);
    let index = 0;
    for await (const { value } of cameraImages(bag, camera.image)) {
      const frame = drawn.find((each) => each.index === index);
      index++;
      if (frame === undefined) continue;
      const picture = await cameraPicture(value, decoding);
      if (picture.width !== frame.width || picture.height !== frame.height)
        throw new Error(
          `${place}: frame ${frame.index} is ${picture.width}x${picture.height}, drawn at ${frame.width}x${frame.height}`,
        );
      const { labels } = await runner.run(picture, intrinsics);
      if (labels === undefined) throw new Error(`${runner.folder} has no classes`);
      tally.add(labels, drawnMask(frame));
    }
  } finally {
    await bag.close();
  }
}
