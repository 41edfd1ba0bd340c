import { ModelRunner } from '../../../models/model-runner.js';
import { rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { TrainingError } from '../../errors.js';

/** A size that no network was made for, so that resizing and padding are tried too. */
const [WIDTH, HEIGHT] = [611, 203];

/**
 * Opens a model folder and runs it on a smooth picture.
 * @returns what it said, for people: a range of depths that makes no sense hints at a wrong description.
 * @throws TrainingError when the runtime refuses the graph or its outputs do not have the picture's size.
 */
export async function tryModel(folder: string): Promise<string> {
  try {
    const runner = await ModelRunner.open(folder);
    try {
      const { depth, labels } = await runner.run(smoothPicture(), {
        ...{ fx: 0.58 * WIDTH, fy: 0.58 * WIDTH },
        ...{ cx: WIDTH / 2, cy: HEIGHT / 2 },
      });
      if (depth.length !== WIDTH * HEIGHT) throw new TrainingError(`it gives ${depth.length} depths`);
      const { metric, kind } = runner.manifest.depth;
      return [
        `tried on a smooth ${WIDTH}x${HEIGHT} picture:`,
        kind === 'none' ? 'no depth' : `depth ${rangeOf(depth)}${metric ? ' m' : ' (relative)'}`,
        ...(labels === undefined ? [] : [`${new Set(labels).size} classes`]),
      ].join(' ');
    } finally {
      await runner.close();
    }
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.trim().split('\n');
    throw new TrainingError(`The imported graph does not run: ${reason}`, { cause });
  }
}

function rangeOf(depth: Float32Array): string {
  const finite = depth.filter(Number.isFinite).sort();
  const at = (share: number) =>
    (finite[Math.floor(share * (finite.length - 1))] ?? Number.NaN).toPrecision(3);
  const unknown = 100 * (1 - finite.length / depth.length);
  return `${at(0)}..${at(0.5)}..${at(1)}${unknown > 0 ? ` (${unknown.toFixed(1)}% not finite)` : ''}`;
}

/** Sky above, ground below, a step in the middle. */
function smoothPicture() {
  const picture = rgbPicture(WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const tone = y < HEIGHT / 2 ? 200 - (60 * y) / HEIGHT : 60 + (60 * y) / HEIGHT;
      const shade = x > WIDTH / 3 && x < WIDTH / 2 ? 30 : 0;
      picture.rgb.set([tone - shade, tone - shade / 2, tone], (y * WIDTH + x) * 3);
    }
  }
  return picture;
}
