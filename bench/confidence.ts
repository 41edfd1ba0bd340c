import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { resolveModel } from '../models/resolve-model.js';
import type { RgbPicture } from '../msgs/picture/rgb-picture.js';
import { table } from '../training/evaluation/report-text.js';
import { openSource } from '../training/evaluation/sources/open-source.js';

/**
 * What a model says of its depth where a camera sees little: pictures of a drive as they are, and with fog, covers and wrong
 * exposure laid over them.
 * Usage: node dist/bench/confidence.js [--model FOLDER] [--every 10] [--limit 8] DRIVE...
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, every: { type: 'string' }, limit: { type: 'string' } },
});

/** Byte of a pixel, from what it was and where it is, 0..1 across and down. */
type Change = (value: number, x: number, y: number) => number;

const CHANGES: Readonly<Record<string, Change>> = {
  'as it is': (value) => value,
  haze: (value) => 0.5 * value + 0.5 * 200,
  'dense fog': (value, _, y) => {
    const pass = 0.06 + 0.25 * Math.max(0, y - 0.5); // a little is seen just ahead
    return pass * value + (1 - pass) * 190;
  },
  'left half covered': (value, x) => (x < 0.5 ? 25 : value),
  covered: () => 30,
  dark: (value) => 0.03 * value,
  blown: (value) => Math.min(255, 12 * value),
};

const runner = await ModelRunner.open(await resolveModel(values.model), 1);
if (runner.manifest.confidence === undefined)
  throw new Error(`${runner.folder} does not tell how far its depth may be trusted`);
const sums = new Map(Object.keys(CHANGES).map((name) => [name, { left: 0, right: 0 }]));
let pictures = 0;
for (const drive of positionals) {
  const source = await openSource(`bag:${drive}?every=${values.every ?? 10}`, {}, Number(values.limit ?? 8));
  for await (const { picture, intrinsics } of source.frames()) {
    if (intrinsics === undefined) continue;
    pictures += 1;
    for (const [name, change] of Object.entries(CHANGES)) {
      const { confidence = new Float32Array() } = await runner.run(changed(picture, change), intrinsics);
      const sum = sums.get(name);
      if (sum === undefined) continue;
      sum.left += halfMean(confidence, picture.width, (x) => x < picture.width / 2);
      sum.right += halfMean(confidence, picture.width, (x) => x >= picture.width / 2);
    }
  }
  await source.close();
}
await runner.close();
const means = [...sums].map(([name, { left, right }]) => ({
  name,
  left: left / pictures,
  right: right / pictures,
}));
const rows = means.map(({ name, left, right }) => [name, left.toFixed(2), right.toFixed(2)]);
process.stdout.write(`${pictures} pictures\n${table([['', 'left half', 'right half'], ...rows])}\n`);
process.stdout.write(`${JSON.stringify({ confidence: means })}\n`);

function changed({ width, height, rgb }: RgbPicture, change: Change): RgbPicture {
  const out = rgb.map((value, i) => {
    const pixel = Math.floor(i / 3);
    return change(value, (pixel % width) / width, Math.floor(pixel / width) / height);
  });
  return { width, height, rgb: out };
}

function halfMean(confidence: Float32Array, width: number, isThere: (column: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (const [i, value] of confidence.entries()) {
    if (!isThere(i % width)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}
