import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { CITYSCAPES_CLASSES } from '../models/class-table.js';
import { resolveModel } from '../models/resolve-model.js';
import { openBag } from '../msgs/bag/open-bag.js';
import { TransformTree } from '../msgs/camera/transform-tree.js';
import { cameraInfoCodec } from '../msgs/camera-info.js';
import { imageCodec } from '../msgs/image.js';
import { encodeColorCloud } from '../msgs/point-cloud.js';
import { pointCloud2Codec } from '../msgs/point-cloud2.js';
import { readPointField, readPoints } from '../msgs/read-points.js';
import { tfMessageCodec } from '../msgs/tf-message.js';
import { DEFAULT_BAND } from '../nodes/perception/obstacles/default-band.js';
import { groundLabels } from '../nodes/perception/obstacles/ground-labels.js';
import { ObstacleJudge } from '../nodes/perception/obstacles/obstacle-judge.js';
import { depthOfImage } from '../training/datasets/truth/depth-image.js';
import { FRAME_IDS } from '../training/simulator/drive-messages.js';
import { DRIVE_TOPICS } from '../training/simulator/drive-recorder.js';
import type { GroundPlane } from '../vision/ground-plane.js';
import { median } from '../vision/median.js';
import { CAMERA_SIZE } from './adaptation/drive-quality.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { replayDrive } from './motion/replay-drive.js';
import { stampedFrames } from './motion/stamped-frames.js';
import {
  DISTANCES,
  newTally,
  type ObstacleTally,
  type ObstacleTruth,
  scoreObstacles,
} from './obstacles/obstacle-score.js';

/**
 * The outputs `points/obstacles` and `points/dynamic` against the truth of simulated drives, as docs/measurements/obstacles.md has
 * them: from the true depth and labels (the geometry alone), and from the model's. A table, a line of JSON.
 */
const program = new Command('bench:obstacles')
  .option('--out <folder>', 'drives (made once) and replays', path.join(tmpdir(), 'rxdepth-obstacles'))
  .option('--drives <names>', 'DOMAIN:SEED of simulated drives', 'parked:11,convoy:11,standing:11')
  .option('--frames <n>', 'of each drive, 10 a second', '30')
  .option('--model <folder>', 'default: the current model')
  .parse();
const flags = program.opts<{ out: string; drives: string; frames: string; model?: string }>();
const model = await resolveModel(flags.model);
const say = (text: string) => process.stdout.write(`${text}\n`);
const STRIDE = 4;
const isGroundLabel = groundLabels(CITYSCAPES_CLASSES);
const tallies = { truth: newTally(), model: newTally() };
const times: number[] = [];

for (const drive of flags.drives.split(',')) {
  const [domain = '', seed = ''] = drive.split(':');
  const kind = { domain, seed: Number(seed), frames: Number(flags.frames), frameRate: 10, ...CAMERA_SIZE };
  const bag = await recordedDrive(path.join(flags.out, `drives-${flags.frames}`), kind);
  const output = path.join(flags.out, 'replays', path.basename(bag));
  await replayDrive(bag, output, { model, obstacles: true });
  const ground = await mountedGround(bag);
  const truth = await stampedFrames(bag, [DRIVE_TOPICS.depth, DRIVE_TOPICS.labels, DRIVE_TOPICS.cameraInfo]);
  const told = await stampedFrames(output, ['/rxdepth/points/obstacles', '/rxdepth/points/dynamic']);
  const judge = new ObstacleJudge(CITYSCAPES_CLASSES);
  for (const [stampNs, known] of truth) {
    const said = told.get(stampNs);
    const [depth, labels, info] = [
      imageCodec.decode(known[DRIVE_TOPICS.depth]),
      imageCodec.decode(known[DRIVE_TOPICS.labels]).data,
      cameraInfoCodec.decode(known[DRIVE_TOPICS.cameraInfo]),
    ];
    const { width, height, header } = depth;
    const points = raysTimes(depthOfImage(depth, DRIVE_TOPICS.depth), width, height, [...info.k]);
    const image = {
      ...{ data: new Uint8Array(3 * width * height), width, height, step: 3 * width, bytesPerPixel: 3 },
      channelOrder: [0, 1, 2] as const,
    };
    const cloud = pointCloud2Codec.decode(
      encodeColorCloud(header, { points, labels, stride: STRIDE, image }),
    );
    const seen = readPointField(cloud, 'label');
    const scene = {
      points: readPoints(cloud),
      isGround: (i: number) => isGroundLabel[seen[i] as number] === 1,
      ...{ ground, band: DEFAULT_BAND },
    };
    const startMs = performance.now();
    const exact = judge.judge(
      {
        ...{ stampNs, cloud, moving: new Uint8Array(width * height), imageWidth: width, stride: STRIDE },
        request: { ...DEFAULT_BAND, sector: { least: -0.8, most: 0.8 } },
      },
      ground,
    );
    times.push(performance.now() - startMs);
    if (exact !== undefined) score(tallies.truth, scene, [exact.obstacles]);
    // Where no ground is known, nothing is told, and every obstacle is missed.
    score(tallies.model, scene, said === undefined ? [] : Object.values(said));
  }
}

say(
  '| depth and labels | distance | true cells | found | false cells a square metre of ground | ground, square metres |',
);
say('| --- | --- | --- | --- | --- | --- |');
for (const [name, { cells, found, wrong, squareMetres }] of Object.entries(tallies)) {
  DISTANCES.forEach((distance, k) => {
    const [all = 0, hit = 0, bad = 0, area = 0] = [cells[k], found[k], wrong[k], squareMetres[k]];
    const share = all === 0 ? 'none there' : `${((100 * hit) / all).toFixed(1)} %`;
    const density = area === 0 ? 'none seen' : (bad / area).toFixed(4);
    say(`| ${[name, `${distance} m`, all, share, density, area.toFixed(0)].join(' | ')} |`);
  });
}
say(
  `\n${median(times).toFixed(2)} ms a frame of ${CAMERA_SIZE.width}x${CAMERA_SIZE.height} at stride ${STRIDE}`,
);
say(JSON.stringify({ obstacles: tallies, milliseconds: median(times) }));

function score(tally: ObstacleTally, truth: ObstacleTruth, clouds: readonly Uint8Array[]): void {
  scoreObstacles(
    tally,
    truth,
    clouds.map((cdr) => readPoints(pointCloud2Codec.decode(cdr))),
  );
}

function raysTimes(depth: Float32Array, width: number, height: number, k: readonly number[]): Float32Array {
  const [fx = 1, , cx = 0, , fy = 1, cy = 0] = k;
  const points: number[] = [];
  for (let v = 0; v < height; v += STRIDE) {
    for (let u = 0; u < width; u += STRIDE) {
      const z = depth[v * width + u] as number;
      if (Number.isFinite(z)) points.push(((u - cx) / fx) * z, ((v - cy) / fy) * z, z);
      else points.push(Number.NaN, Number.NaN, Number.NaN);
    }
  }
  return Float32Array.from(points);
}

/** The road under the camera, as the simulator mounts it. */
async function mountedGround(bag: string): Promise<GroundPlane> {
  const tree = new TransformTree();
  const reader = await openBag(bag);
  try {
    for await (const { cdr } of reader.messages({ topics: ['/tf_static'] }))
      tree.add(tfMessageCodec.decode(cdr));
  } finally {
    await reader.close();
  }
  const { 8: x = 0, 9: y = 0, 10: z = 0, 11: up = 0 } = tree.lookup(FRAME_IDS.base, FRAME_IDS.optical);
  return { a: up / -y, b: x / -y, c: z / -y };
}
