import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VersionStore } from '../models/versions/version-store.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../test/training/adaptation/tiny-model.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { domainNamed } from '../training/simulator/domains.js';
import { simulateDrive } from '../training/simulator/drive.js';
import { DriveRecorder } from '../training/simulator/drive-recorder.js';
import { decodeSafetensors } from '../training/weights/safetensors.js';

/**
 * `npm run bench:seeds -- [FILE]`: what twenty steps of every kind of training come to with fixed seeds, at tiny sizes, as
 * hashes: weights, moments of the optimizer, log without times, panels, exported graph. A change that means to leave the
 * numbers alone leaves these. With FILE: compares with what was written there before, or writes it when it is not there.
 * The hashes hold for one machine and one version of onnxruntime. The last line is one JSON object.
 */
const [file] = process.argv.slice(2);
const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-seeds-'));
const RXDEPTH = fileURLToPath(new URL('../bin/rxdepth.js', import.meta.url));

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

async function rxdepth(...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [RXDEPTH, ...args], { maxBuffer: 1 << 26, cwd: root });
}

/** The tensors of files, whatever they are called: names of moments may change. */
async function tensors(folder: string, isWanted: (name: string) => boolean): Promise<string> {
  const hashes: string[] = [];
  for (const name of (await readdir(folder)).filter(isWanted)) {
    const decoded = decodeSafetensors(await readFile(path.join(folder, name)), name);
    for (const { bytes } of decoded.tensors.values()) hashes.push(sha256(bytes));
  }
  return `${hashes.length} tensors ${sha256(hashes.sort().join())}`;
}

/** The columns that do not tell time. */
async function logOf(folder: string): Promise<string> {
  const lines = (await readFile(path.join(folder, 'log.csv'), 'utf8')).trim().split('\n');
  const header = lines[0]?.split(',') ?? [];
  const kept = lines.map((line) => line.split(',').filter((_, at) => !/Ms$/.test(header[at] ?? '')));
  return `${lines.length} lines ${sha256(kept.join('\n'))}`;
}

async function panels(folder: string): Promise<string> {
  const names = (await readdir(path.join(folder, 'panels'))).sort();
  const all = await Promise.all(names.map((name) => readFile(path.join(folder, 'panels', name))));
  return `${names.length} panels ${sha256(all.map(sha256).join())}`;
}

async function trained(name: string, ...args: string[]): Promise<Record<string, string>> {
  const folder = path.join(root, name);
  await rxdepth('train', ...args, '-o', folder, '--threads', '1', '--every', '10', '--seed', '3');
  const checkpoint = path.join(folder, 'checkpoint');
  return {
    weights: sha256(await readFile(path.join(checkpoint, 'weights.safetensors'))),
    optimizer: await tensors(checkpoint, (entry) => /^optimizer.*\.safetensors$/.test(entry)),
    log: await logOf(folder),
    panels: await panels(folder),
    graph: sha256(await readFile(path.join(folder, 'model', 'perception.onnx'))),
    exported: sha256(await readFile(path.join(folder, 'model', 'weights.safetensors'))),
  };
}

const supervised = () =>
  trained(
    'supervised',
    ...['supervised', '--preset', 'narrow', '--domain', 'town-clean', '--samples', '12', '--validation', '2'],
    ...['--sample-size', '128x64', '--batch', '2', '--accumulate', '2'],
    ...['--stages', '64x32+32x64:12,96x64:8'],
  );

const sgdepth = () =>
  trained(
    'sgdepth',
    ...['sgdepth', '--preset', 'narrow', '--size', '64x32', '--steps', '20', '--batch', '2'],
    ...['--target', 'simulator:town-clean?drives=2&frames=6&validation=1'],
    ...['--source', 'simulator:town-clean?samples=6', '--masking', 'scheduled'],
  );

const depthAlone = () =>
  trained(
    'depth-alone',
    ...[
      'sgdepth',
      '--preset',
      'narrow',
      '--size',
      '64x32',
      '--steps',
      '20',
      '--batch',
      '2',
      '--accumulate',
      '2',
    ],
    ...[
      '--target',
      'simulator:town-clean?drives=2&frames=6&validation=1',
      '--init',
      path.join(root, 'sgdepth'),
    ],
    ...['--init-parts', 'encoder'],
  );

async function adaptation(): Promise<Record<string, string>> {
  const [shipped, drive] = [path.join(root, 'shipped'), path.join(root, 'drive')];
  await writeTinyModel(shipped);
  const recorder = await DriveRecorder.create(drive, { overwrite: false, startNs: 1_000_000_000n });
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  const domain = domainNamed('town-camera');
  for (const frame of simulateDrive({ domain, seed: 101, frames: 50, frameRate: 10, ...size })) {
    await recorder.write(frame);
  }
  await recorder.close();
  const store = new VersionStore({ home: path.join(root, 'home'), shipped });
  const { folder = '' } = await runAdaptation(
    {
      ...{ bags: [drive], names: {}, model: undefined, judgeOnly: false, promote: false, out: undefined },
      // Steps, never minutes, say how far it got: so nothing depends on the clock.
      ...{ minutes: 1e300, steps: 20, mostFrames: 200, command: 'bench:seeds', threads: 1 },
      settings: { ...ADAPTATION_SETTINGS, samples: { rehearsed: 3, judged: 2 }, refreshAt: [0.4] },
      signal: new AbortController().signal,
      report: () => {},
    },
    store,
  );
  const candidate = path.join(folder, 'candidate');
  return {
    log: await logOf(folder),
    graph: sha256(await readFile(path.join(candidate, 'perception.onnx'))),
    exported: sha256(await readFile(path.join(candidate, 'weights.safetensors'))),
  };
}

try {
  const results: Record<string, Record<string, string>> = {};
  for (const [name, run] of Object.entries({ supervised, sgdepth, depthAlone, adaptation })) {
    results[name] = await run();
    for (const [what, hash] of Object.entries(results[name]))
      process.stdout.write(`${name} ${what}: ${hash}\n`);
  }
  const text = `${JSON.stringify(results)}\n`;
  let changed: string[] | undefined;
  if (file !== undefined) {
    const before = await readFile(file, 'utf8').catch(() => undefined);
    if (before === undefined) await writeFile(file, text);
    else {
      const known = JSON.parse(before) as typeof results; // what this script wrote
      changed = Object.entries(results).flatMap(([name, hashes]) =>
        Object.keys(hashes).flatMap((what) =>
          known[name]?.[what] === hashes[what] ? [] : [`${name} ${what}: was ${known[name]?.[what]}`],
        ),
      );
      for (const line of changed) process.stdout.write(`CHANGED ${line}\n`);
      process.exitCode = changed.length === 0 ? 0 : 1;
    }
  }
  process.stdout.write(changed === undefined ? text : `${JSON.stringify({ changed: changed.length })}\n`);
} finally {
  await rm(root, { recursive: true, force: true });
}
