import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { resolveModel } from '../models/resolve-model.js';
import { sgdepth } from '../training/methods/sgdepth/sgdepth.js';
import type { SgdepthRunOptions } from '../training/methods/sgdepth/sgdepth-options.js';
import { exportRun } from '../training/runs/export-run.js';
import { definitionOf, readOptions } from '../training/runs/run-definition.js';
import { RunState } from '../training/runs/run-state.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { CAMERA_SIZE } from './adaptation/drive-quality.js';
import { directPoses, networkPoses, type Poses, straightAhead } from './pose/estimated-poses.js';
import { type PoseErrors, poseErrors } from './pose/pose-errors.js';

/**
 * `npm run bench:pose -- --run FOLDER [--domains convoy,parked,town-camera] [--seeds 21,22,23] [--frames 30] [--model FOLDER]`:
 * the camera's motion between neighbouring frames of simulated drives, by the pose network of a run of `rxdepth train
 * sgdepth` and by the direct alignment of the perception node, against the true one. Direct alignment is measured twice: on the
 * depth of the same run at the same size, and as the node does it, on a model's at the size of a camera.
 */
const { values: flags } = parseArgs({
  options: {
    run: { type: 'string' },
    domains: { type: 'string', default: 'convoy,parked,town-camera' },
    seeds: { type: 'string', default: '21,22,23' },
    frames: { type: 'string', default: '30' },
    model: { type: 'string' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const { run } = flags;
if (run === undefined) throw new Error('expected `--run FOLDER`, which `rxdepth train sgdepth` wrote');
const threads = Number(flags.threads);
const optionsFile = path.join(run, 'options.json');
const read = readOptions(sgdepth, JSON.parse(await readFile(optionsFile, 'utf8')), optionsFile);
const options = read as unknown as SgdepthRunOptions; // of this method
const state = await RunState.read(path.join(run, 'checkpoint'), definitionOf(sgdepth, options).specs);
const exported = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-pose-'));
await exportRun({ method: sgdepth, folder: exported, name: 'run', precision: 'F32', options, state });
const own = await ModelRunner.open(exported, threads);
const node = await ModelRunner.open(await resolveModel(flags.model), threads);
const byNetwork = await networkPoses(state.parameters, options, threads);

const { width, height } = options;
const small = { width, height };
const rows: string[] = [];
const figures: Record<string, Record<string, PoseErrors>> = {};
for (const name of flags.domains.split(',')) {
  const drives = (size: { width: number; height: number }) =>
    flags.seeds.split(',').map((seed) => [
      ...simulateDrive({
        ...{ domain: domainNamed(name), seed: Number(seed), frames: Number(flags.frames), frameRate: 10 },
        ...size,
      }),
    ]);
  const [few, many] = [drives(small), drives(CAMERA_SIZE)];
  const direct = async (model: ModelRunner, shown: typeof few): Promise<Poses[]> => {
    const found: Poses[] = [];
    for (const frames of shown) found.push(await directPoses(model, frames));
    return found;
  };
  const network: Poses[] = [];
  for (const frames of few) network.push(await byNetwork(frames));
  const errors = {
    'straight ahead, always as far': poseErrors(few, few.map(straightAhead)),
    [`pose network, ${width}x${height}`]: poseErrors(few, network),
    'direct alignment, the same depth and size': poseErrors(few, await direct(own, few)),
    [`direct alignment, ${node.manifest.name} at ${CAMERA_SIZE.width}x${CAMERA_SIZE.height}`]: poseErrors(
      many,
      await direct(node, many),
    ),
  };
  figures[name] = errors;
  for (const [how, { pairs, found, rotationDegrees, directionDegrees, lengthSpread }] of Object.entries(
    errors,
  )) {
    const [turn, way, spread] = [rotationDegrees, directionDegrees, 100 * lengthSpread];
    rows.push(
      `| ${name} | ${how} | ${found} of ${pairs} | ${turn.toFixed(3)} | ${way.toFixed(2)} | ${spread.toFixed(0)} % |`,
    );
  }
}
await Promise.all([own.close(), node.close()]);
await rm(exported, { recursive: true });
process.stdout.write(
  [
    '| drives | poses by | found | rotation, degrees | direction, degrees | length, spread |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'Medians over the pairs of frames; spread: median of |log(length / true length)| around its median over all drives of the row.',
    JSON.stringify(figures),
    '',
  ].join('\n'),
);
