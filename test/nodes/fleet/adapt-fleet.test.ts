import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../models/model-store.js';
import { adaptFleet } from '../../../nodes/fleet/adapt-fleet.js';
import { BagDigests } from '../../../nodes/fleet/bag-digests.js';
import { type FleetJob, fleetJob } from '../../../nodes/fleet/fleet-job.js';
import type { JobOutcome } from '../../../nodes/fleet/job-outcome.js';
import { runTask } from '../../../nodes/fleet/run-task.js';
import { treeDigest } from '../../../nodes/fleet/tree-digest.js';
import { uploadFolder } from '../../../nodes/fleet/upload-folder.js';
import { findVehicles } from '../../../nodes/fleet/vehicles.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../training/simulator/drive-recorder.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';
import { BUCKET, startS3Store } from '../../msgs/remote/s3-store.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../../training/adaptation/tiny-model.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

async function folderOf(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-adapt-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** Two pictures: too few to learn from. */
async function shortDrive(folder: string, first: number): Promise<void> {
  const messages = [first, first + 1].flatMap((k) => {
    const stamp = { stampNs: logTime(k) };
    return [
      { topic: '/camera/image', type: IMAGE, logTimeNs: logTime(k), message: testImage(stamp) },
      { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(k), message: testInfo(stamp) },
    ];
  });
  await writeTestBag(folder, messages);
}

/** Enough to learn from: a camera that moves through the simulator. */
async function movingDrive(folder: string, seed: number): Promise<void> {
  const recorder = await DriveRecorder.create(folder, { overwrite: false, startNs: 1_000_000_000n });
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  const domain = domainNamed('town-camera');
  for (const frame of simulateDrive({ domain, seed: 101 + seed, frames: 24, frameRate: 10, ...size }))
    await recorder.write(frame);
  await recorder.close();
}

const judgedAs = (outcome: 'promoted' | 'rejected', gain: number): JobOutcome => ({
  ...{ state: 'done', seconds: 1, attempts: 1 },
  facts: {
    ...{ outcome, reasons: [`${outcome} as told`] },
    judge: {
      checks: [{ name: 'better', answer: outcome === 'promoted' ? 'passed' : 'failed', finding: 'told' }],
      drive: { valid: 20, gain: { mean: gain, low: gain, high: gain } },
      limits: { guardLoss: { sure: 0.005, most: 0.015 }, guardTruthLoss: { sure: 0.01, most: 0.03 } },
    },
  },
});

test('one candidate is learned from all vehicles, and judged on the held-out drives of each', async (t) => {
  const root = await folderOf(t);
  const model = await writeTestModel(path.join(root, 'model'));
  for (const drive of ['red/d1', 'red/d2', 'red/d10', 'blue/a', 'blue/b']) {
    await mkdir(path.join(root, drive), { recursive: true });
    await writeFile(path.join(root, drive, 'x.mcap'), drive);
  }
  const vehicles = await findVehicles([path.join(root, 'red'), path.join(root, 'blue')], 1);
  const folder = path.join(root, 'out');
  const ran: FleetJob[] = [];
  const answers = new Map([
    ['learn', judgedAs('promoted', 0.1)],
    ['d10', judgedAs('promoted', 0.02)],
    ['b', judgedAs('rejected', -0.001)],
  ]);
  const report = await adaptFleet({
    ...{ vehicles, folder, model, flags: ['--minutes', '1'], workers: 1, retries: 0 },
    signal: new AbortController().signal,
    executor: async (jobs) => {
      ran.push(...jobs);
      for (const { task, output } of jobs) {
        if (task === 'learn') await writeTestModel(path.join(folder, output, 'candidate'), { version: 4 });
      }
      const key = (job: FleetJob) => (job.task === 'learn' ? 'learn' : path.basename(job.bags[0] ?? ''));
      return new Map(jobs.map((job) => [job.id, answers.get(key(job)) ?? { state: 'left' as const }]));
    },
  });
  const names = (bags: readonly string[]) => bags.map((bag) => path.basename(bag));
  t.deepEqual(
    ran.map(({ task, bags }) => [task, ...names(bags)]),
    [
      ['learn', 'd1', 'd2', 'a'],
      ['judge', 'd10'],
      ['judge', 'b'],
    ],
    'nobody learns from what is judged by',
  );
  t.is(report.outcome, 'promoted');
  t.deepEqual(
    report.vehicles.map(({ name, finding }) => [name, finding]),
    [
      ['red', 'better'],
      ['blue', 'no worse'],
    ],
  );
  t.true(ran.slice(1).every(({ candidate }) => candidate === report.candidate));
  t.deepEqual(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')).outcome, 'promoted');
});

test('a fleet that is ended reads no further drive, and says that the same command goes on', async (t) => {
  const root = await folderOf(t);
  const model = await writeTestModel(path.join(root, 'model'));
  const drives = ['a.mcap', 'b.mcap'].map((name) => path.join(root, name));
  for (const drive of drives) await writeFile(drive, '');
  // Far more than is read before the end.
  for (const drive of drives) await truncate(drive, 2 ** 40);
  const stop = new AbortController();
  const digests = new BagDigests(root);
  const half = digests.of(drives[0] ?? '', stop.signal);
  setTimeout(() => stop.abort(), 50);
  t.is(await half, undefined);
  const [learned, heldOut] = drives.map((drive) => [drive]);
  const report = await adaptFleet({
    vehicles: [{ name: 'red', learned: learned ?? [], heldOut: heldOut ?? [] }],
    ...{ folder: path.join(root, 'out'), model, flags: [], workers: 1, retries: 0, signal: stop.signal },
    executor: () => t.fail() as never,
  });
  t.is(report.outcome, 'left');
  t.regex(report.reasons.join(), /the same command goes on/);
});

test('vehicles with too few drives, and drives in the place of vehicles, are refused by name', async (t) => {
  const root = await folderOf(t);
  await mkdir(path.join(root, 'car', 'only'), { recursive: true });
  await mkdir(path.join(root, 'drive'));
  await writeFile(path.join(root, 'drive', 'metadata.yaml'), '');
  await t.throwsAsync(findVehicles([path.join(root, 'car')], 1), {
    message: /car holds 1 drive: expected at least `2`/,
  });
  await t.throwsAsync(findVehicles([path.join(root, 'drive')], 1), { message: /drive is a drive itself/ });
  await t.throwsAsync(findVehicles([path.join(root, 'none')], 1), { message: /folder of a vehicle.*none/ });
  await t.throwsAsync(findVehicles([path.join(root, 'none.txt')], 1), {
    message: /list of drives .*none\.txt/,
  });
  await t.throwsAsync(findVehicles(['s3://bucket/car'], 1), {
    message: /s3:\/\/bucket\/car is a URL: .*\.txt/,
  });
});

test('a list of paths and URLs stands for a vehicle, in the order of its lines', async (t) => {
  const root = await folderOf(t);
  const list = path.join(root, 'red.txt');
  await writeFile(list, 's3://drives/b\n\n  https://host/a.mcap?key=1\nlocal/c\n');
  t.deepEqual(await findVehicles([list], 1), [
    {
      name: 'red',
      learned: ['s3://drives/b', 'https://host/a.mcap?key=1'],
      heldOut: [path.resolve('local/c')],
    },
  ]);
  await mkdir(path.join(root, 'car', 'red', '1'), { recursive: true });
  await mkdir(path.join(root, 'car', 'red', '2'));
  await t.throwsAsync(findVehicles([list, path.join(root, 'car', 'red')], 1), {
    message: /two vehicles are called `red`/,
  });
});

test('one candidate is learned from the drives of several vehicles in a store', async (t) => {
  t.timeout(2_400_000);
  const root = await folderOf(t);
  const store = await startS3Store(path.join(root, 'store'));
  t.teardown(() => store.close());
  await writeTinyModel(path.join(root, 'model'));
  // Uploading and the command read the store's address and keys from the environment.
  const before = { ...process.env };
  Object.assign(process.env, store.env);
  t.teardown(() => {
    process.env = before;
  });
  for (const [i, drive] of ['red/1', 'red/2', 'blue/1', 'blue/2'].entries()) {
    await movingDrive(path.join(root, drive), i);
    await uploadFolder(path.join(root, drive), `s3://${BUCKET}/${drive}`);
    await rm(path.join(root, drive), { recursive: true });
  }
  for (const car of ['red', 'blue'])
    await writeFile(path.join(root, `${car}.txt`), `s3://${BUCKET}/${car}/1\ns3://${BUCKET}/${car}/2\n`);
  const vehicles = ['red.txt', 'blue.txt', '-o', 'out', '--model', 'model', '--retries', '0'];
  const env = { RXDEPTH_HOME: path.join(root, 'home') };
  const flags = ['--adapt-flags', '--minutes 60 --steps 2 --threads 1'];
  const ended = await runRxdepth(['fleet', 'adapt', ...vehicles, ...flags], {
    ...{ cwd: root, env, timeoutMs: 1_800_000 },
  });
  // Two steps are no gain that a judge would be sure of: what matters is that they were made, of every learned drive.
  t.is(ended.code, 3, ended.stderr);
  t.regex(ended.stdout, /^2 vehicles in .* s: (rejected|undecided)\n {2}learning: /);
  const [output = ''] = (await readdir(path.join(root, 'out'))).filter((name) => /-[0-9a-f]{12}$/.test(name));
  const { manifest } = await loadModel(path.join(root, 'out', output, 'candidate'));
  t.is(manifest.provenance.parent, 'tiny/0');
  t.is(manifest.provenance.steps, 2);
  t.regex(manifest.provenance.data, /^drives 1, 1; simulator/);
  const log = await readFile(path.join(root, 'out', output, 'log.csv'), 'utf8');
  t.regex(log, /\n1,train,.*\n2,train,/);
  t.false(existsSync(env.RXDEPTH_HOME), "nothing was done in the user's own home");
});

test('learning and judging run in homes of their own, and say why a drive teaches nothing', async (t) => {
  t.timeout(1_200_000);
  const root = await folderOf(t);
  const model = path.join(root, 'model');
  await writeTinyModel(model);
  for (const [i, drive] of ['red/1', 'red/2', 'blue/1', 'blue/2'].entries())
    await shortDrive(path.join(root, drive), 10 * i);
  const env = { RXDEPTH_HOME: path.join(root, 'home') };
  const command = ['fleet', 'adapt', 'red', 'blue', '-o', 'out', '--model', 'model', '--retries', '0'];
  const ended = await runRxdepth([...command, '--adapt-flags', '--minutes 1 --steps 1'], { cwd: root, env });
  t.is(ended.code, 3, ended.stderr);
  t.regex(ended.stdout, /^2 vehicles in .* s: refused\n {2}learning: too short: /);

  const bag = path.join(root, 'red', '2');
  const judge = fleetJob(
    { task: 'judge', bags: [bag], model, candidate: model, flags: [] },
    { bags: [await treeDigest(bag)], model: await treeDigest(model), candidate: await treeDigest(model) },
  );
  const { facts } = await runTask(judge, {
    folder: path.join(root, 'out'),
    signal: new AbortController().signal,
  });
  t.like(facts, { outcome: 'refused' });
  t.false(existsSync(env.RXDEPTH_HOME), "nothing was done in the user's own home");
});
