import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../training/simulator/drive-recorder.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../../training/adaptation/tiny-model.js';

async function simulated(folder: string, seed: number, frames: number): Promise<void> {
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  const recorder = await DriveRecorder.create(folder, { overwrite: false, startNs: 1_000_000_000n });
  const drive = simulateDrive({ domain: domainNamed('town-clean'), seed, frames, frameRate: 10, ...size });
  for (const frame of drive) await recorder.write(frame);
  await recorder.close();
}

interface Report {
  readonly jobs: readonly { state: string; output: string; figures?: { depth?: { images: number } } }[];
  readonly evaluation: {
    bags: number;
    depth: { images: number; absRel: number };
    meanIouOfBags: Record<string, { meanIou: number; bags: number }>;
  };
}

test('a fleet evaluates every bag once, and reduces what was found over all images to one report', async (t) => {
  t.timeout(1_200_000);
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-evaluate-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  await writeTinyModel(path.join(root, 'model'));
  await simulated(path.join(root, 'a'), 1, 1);
  await simulated(path.join(root, 'b'), 2, 3);
  const command = ['fleet', 'evaluate', 'a', 'b', '-o', 'out', '--model', 'model', '--workers', '1'];
  const args = [...command, '--truth', 'depth=/camera/depth', '--evaluate-flags', '--device cpu --cap 60'];
  const read = async (name: string) => JSON.parse(await readFile(path.join(root, 'out', name), 'utf8'));

  const first = await runRxdepth(args, { cwd: root });
  t.is(first.code, 0, first.stderr);
  t.regex(
    first.stdout,
    /^2 bags in .* s: 2 done, 0 done before, 0 failed, 0 left\ndepth: AbsRel [\d.]+, .* 4 images/,
  );
  const report = (await read('report.json')) as Report;
  const results = await Promise.all(report.jobs.map(({ output }) => read(`results/${output}.json`)));
  t.true(results.every(({ options }) => options.capMeters === 60));
  const images: { absRel: number }[] = results.flatMap(({ depth }) => depth.images);
  t.is(images.length, 4);
  const mean = images.reduce((sum, { absRel }) => sum + absRel, 0) / 4;
  t.true(Math.abs(report.evaluation.depth.absRel - mean) < 1e-12);
  t.is(report.evaluation.depth.images, 4);
  t.deepEqual(
    report.jobs.map(({ figures }) => figures?.depth?.images),
    [1, 3],
  );
  const ious: number[] = results.map(({ segmentation }) => segmentation.classSets[0].meanIou);
  const set = report.evaluation.meanIouOfBags[results[0].segmentation.classSets[0].classSet];
  t.is(set?.bags, 2);
  t.true(Math.abs((set?.meanIou ?? 0) - ious.reduce((a, b) => a + b) / 2) < 1e-12);

  const again = await runRxdepth(args, { cwd: root });
  t.regex(again.stdout, /: 0 done, 2 done before, 0 failed, 0 left/, again.stderr);
  t.deepEqual(((await read('report.json')) as Report).evaluation, report.evaluation);
});
