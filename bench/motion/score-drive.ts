import path from 'node:path';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { imageCodec } from '../../msgs/image.js';
import { panel } from '../../msgs/picture/panel.js';
import { pointCloudPicture } from '../../msgs/picture/point-cloud-picture.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { type PointCloud2, pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { readPoints } from '../../msgs/read-points.js';
import { cameraPicture } from '../../training/datasets/bag/camera-picture.js';
import { DRIVE_TOPICS } from '../../training/simulator/drive-recorder.js';
import { MovingScore } from './moving-score.js';
import { type JudgedFrame, scoreFrame, trulyMoving } from './score-frame.js';
import { stampedFrames } from './stamped-frames.js';

/** So many frames tell no motion yet: nothing has moved far. */
const FIRST_FRAMES = 5;
const OUTPUT = {
  moving: '/rxdepth/dynamic/moving',
  labels: '/rxdepth/segmentation/labels',
  points: '/rxdepth/points',
  staticPoints: '/rxdepth/points/static',
} as const;
const COLOURS = { hit: [40, 220, 60], wrong: [255, 40, 40], missed: [60, 120, 255] } as const;

/**
 * Compares what a replay of a simulated drive says about motion with the truth.
 * @param picture file for a panel of the last frame.
 */
export async function scoreDrive(
  bag: string,
  output: string,
  movingInstances: ReadonlySet<number>,
  picture: string,
): Promise<MovingScore> {
  const truth = await stampedFrames(bag, [DRIVE_TOPICS.image, DRIVE_TOPICS.labels, DRIVE_TOPICS.instances]);
  const replayed = await stampedFrames(output, Object.values(OUTPUT));
  const total = new MovingScore();
  let frame: JudgedFrame | undefined;
  let image: Uint8Array = new Uint8Array();
  for (const [stampNs, said] of [...replayed].slice(FIRST_FRAMES)) {
    const known = truth.get(stampNs);
    if (known === undefined) throw new Error(`${output}: no truth at ${stampNs}`);
    frame = {
      moving: imageCodec.decode(said[OUTPUT.moving]),
      labels: imageCodec.decode(said[OUTPUT.labels]),
      points: pointCloud2Codec.decode(said[OUTPUT.points]),
      staticPoints: pointCloud2Codec.decode(said[OUTPUT.staticPoints]),
      instances: imageCodec.decode(known[DRIVE_TOPICS.instances]),
      trueLabels: imageCodec.decode(known[DRIVE_TOPICS.labels]),
      movingInstances,
    };
    image = known[DRIVE_TOPICS.image];
    total.add(scoreFrame(frame));
  }
  if (frame !== undefined) {
    const camera = await cameraPicture(compressedImageCodec.decode(image));
    const title = path.basename(picture, '.png');
    const above = { width: 512, height: 320, rangeMeters: 40 };
    await writePng(
      picture,
      panel([
        { caption: `${title}, last frame`, picture: camera },
        { caption: 'green right, red wrong, blue missed', picture: verdicts(frame, camera) },
        { caption: 'points from above', picture: pointCloudPicture(...cloud(frame.points, frame), above) },
        { caption: 'points/static', picture: pointCloudPicture(...cloud(frame.staticPoints, frame), above) },
      ]),
    );
  }
  return total;
}

function verdicts(frame: JudgedFrame, { width, height, rgb }: RgbPicture): RgbPicture {
  const truth = trulyMoving(frame);
  const picture = { width, height, rgb: rgb.map((value) => 0.7 * value) };
  for (let i = 0; i < truth.length; i++) {
    const marked = frame.moving.data[i] !== 0;
    if (!marked && truth[i] === 0) continue;
    const colour = COLOURS[marked ? (truth[i] === 1 ? 'hit' : 'wrong') : 'missed'];
    for (let k = 0; k < 3; k++) picture.rgb[3 * i + k] = 0.45 * rgb[3 * i + k] + 0.55 * colour[k];
  }
  return picture;
}

/** Points with colours: red on what truly moves, white on the rest. */
function cloud(points: PointCloud2, frame: JudgedFrame): [Float32Array, Uint8Array] {
  const { count, x, y, z } = readPoints(points);
  const truth = trulyMoving(frame);
  const { width } = frame.trueLabels;
  const stride = Math.round(width / points.width);
  const positions = new Float32Array(3 * count);
  const colours = new Uint8Array(3 * count).fill(200);
  for (let i = 0; i < count; i++) {
    positions.set([x[i], y[i], z[i]], 3 * i);
    const at = Math.floor(i / points.width) * stride * width + (i % points.width) * stride;
    if (truth[at] === 1) colours.set([255, 60, 60], 3 * i);
  }
  return [positions, colours];
}
