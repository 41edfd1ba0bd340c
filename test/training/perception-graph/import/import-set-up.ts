import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { ModelRunner } from '../../../../models/model-runner.js';
import { rgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import { register } from '../../../../training/cli/import.js';
import { int, ints, modelBytes, node } from './carry-over.js';

/** Size of the test networks' images. */
export const [H, W] = [32, 64];

/** A folder to import into, and the command. */
export async function setUp(t: ExecutionContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-import-onnx-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const output = path.join(folder, 'model');
  const run = async (...args: string[]): Promise<string> => {
    const program = new Command('rxdepth').exitOverride();
    register(program);
    const written: string[] = [];
    const original = process.stdout.write;
    process.stdout.write = ((chunk: string) => written.push(chunk) > 0) as typeof process.stdout.write;
    try {
      await program.parseAsync(['node', 'rxdepth', 'import', ...args]);
    } finally {
      process.stdout.write = original;
    }
    return written.join('');
  };
  /** Writes a network and its description, imports it and opens the model. */
  const importModel = async (onnx: Uint8Array, description: object) => {
    await writeFile(path.join(folder, 'net.onnx'), onnx);
    const file = path.join(folder, 'net.yaml');
    await writeFile(file, stringify({ name: 'net', license: 'MIT', ...description }));
    const report = await run(file, '-o', output, '--overwrite');
    const runner = await ModelRunner.open(output, 1);
    t.teardown(() => runner.close());
    return { report, runner };
  };
  return { folder, output, run, importModel };
}

/** Means over the channels, [1, 1, h, w]: what a network makes of a picture is seen in every pixel. */
export const grey = [node('ReduceMean', ['x'], ['y'], { axes: ints(1), keepdims: int(1) })];
export const greyNetwork = (shape: (number | string)[] = [1, 3, H, W]) =>
  modelBytes(13, grey, {
    shape,
    outputs: [{ name: 'y', type: { dtype: 'float32', shape: [1, 1, ...shape.slice(2)] } }],
  });

export const depth = { onnx: 'net.onnx', values: { meaning: 'inverse-depth' }, metric: true };

/** A picture whose red, green and blue depend on the pixel. */
export function picture(
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [number, number, number],
) {
  const made = rgbPicture(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) made.rgb.set(pixel(x, y), (y * width + x) * 3);
  return made;
}

export const camera = (fx: number, fy = fx) => ({ fx, fy, cx: 0, cy: 0 });
export const near = (t: ExecutionContext, actual: number | undefined, expected: number, what = '') =>
  t.true(Math.abs((actual ?? Number.NaN) / expected - 1) < 1e-5, `${what} ${actual} is not ${expected}`);
