import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { letHeapsGrow } from '../models/let-heaps-grow.js';
import { disparityRange, type Manifest } from '../models/manifest.js';
import { MEMORY_SETTINGS, underMemorySettings } from '../models/memory-settings.js';
import { loadModel, shippedModel } from '../models/model-store.js';
import { packageRoot } from '../models/package-root.js';
import { median } from '../vision/median.js';
import { engineRate } from './engine-rate.js';
import type { ReplayMeasurement } from './measure-replay.js';
import { type NetworkOnly, networkOnly } from './network-only.js';
import type { Rate } from './rate.js';
import { untrainedModel } from './untrained-model.js';
import { unrelatedPictures, WORKLOAD, workloadPictures, writeWorkload } from './workload.js';

// As `rxdepth` itself does.
if (await underMemorySettings()) process.exit();
letHeapsGrow();

/**
 * Replay throughput against the bare network (docs: README, "Speed"): medians of interleaved rounds.
 * Processor time a frame stands beside it, by part: other processes disturb it less, and a ratio to the bare network would
 * punish a faster network. The last line is one JSON object.
 */
const program = new Command('bench:replay')
  .description(
    'Measures rxdepth replay against bare onnxruntime on 1242x375 jpeg images; the last line is JSON.',
  )
  .option('--model <folder>', 'model folder (default: the shipped model, else an untrained compact one)')
  .option('--bag <bag>', 'also replay this recorded bag')
  .option(
    '--peer <python>',
    'also run a Python script of the same outputs, by a Python with rosbags, onnxruntime and OpenCV',
  )
  .option('--rounds <n>', 'interleaved rounds', '3')
  .option('--replay-frames <n>', 'frames of each replay', '240')
  .option('--frames <n>', 'frames of the long replay for memory; 0 leaves it out', '1500')
  .parse();
const flags = program.opts<{
  model?: string;
  bag?: string;
  peer?: string;
  rounds: string;
  replayFrames: string;
  frames: string;
}>();

const BARE_SECONDS = 5;
/** Frames of the peer that do not count. */
const PEER_WARM = 10;
const NETWORK = 'network alone, 1 thread';
const GRAPH = 'perception graph to messages, 1 thread';
const ENGINE = 'engine, all outputs, clouds at stride 4';
const REPLAY = 'replay without motion, clouds at stride 4';
const MOTION = 'replay, clouds at stride 4';
const UNRELATED = 'replay, pictures without a common motion';
const PEER = 'Python script, 2 threads, clouds at stride 4';
const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-bench-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void rm(folder, { recursive: true, force: true }).finally(() => process.exit(130));
  });
}
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const shipped = shippedModel();
  const model =
    flags.model ?? (existsSync(shipped) ? shipped : await untrainedModel(path.join(folder, 'model')));
  const { graphPath, manifest } = await loadModel(model);
  const network = await networkOnly(model, WORKLOAD.height, WORKLOAD.width);
  const networkPath = path.join(folder, 'network.onnx');
  await writeFile(networkPath, network.onnx);
  const pictures = await workloadPictures();
  const bag = path.join(folder, 'drive');
  await writeWorkload(bag, pictures, Number(flags.replayFrames));
  const unrelated = path.join(folder, 'unrelated');
  await writeWorkload(unrelated, await unrelatedPictures(), Number(flags.replayFrames));
  say(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores; node ${process.version}`);
  say(
    `model ${manifest.name} ${manifest.version}, network ${network.width}x${network.height}; ` +
      `images ${WORKLOAD.width}x${WORKLOAD.height} jpeg of ${Math.round(bytesPerPicture(pictures) / 1000)} kB\n`,
  );

  const replayOf = (input: string, pointsStride: number, motion = false) =>
    replayAlone(input, model, pointsStride, motion);
  const engineFrames = Number(flags.replayFrames);
  const engine = (labels: boolean, pointStride: number) =>
    engineRate(
      graphPath,
      pictures,
      { depth: '32FC1', labels, confidence: labels, pointStride },
      engineFrames,
    );
  const stalls: number[] = [];
  let megabytesPerFrame = 0;
  const cases: Record<string, () => Promise<Rate>> = {
    [NETWORK]: () => bareRate(networkPath, 1),
    'network alone, 2 threads': () => bareRate(networkPath, 2),
    'network alone, 2 processes of 1 thread': async () =>
      both(await Promise.all([bareRate(networkPath, 1), bareRate(networkPath, 1)])),
    [REPLAY]: async () => {
      const measured = await replayOf(bag, 4);
      stalls.push(measured.longestStallMs);
      megabytesPerFrame = measured.megabytesPerFrame;
      return measured.rate;
    },
    [MOTION]: async () => (await replayOf(bag, 4, true)).rate,
    [UNRELATED]: async () => (await replayOf(unrelated, 4, true)).rate,
    'replay without motion, full clouds': async () => (await replayOf(bag, 1)).rate,
    [GRAPH]: () => graphRate(graphPath),
    [ENGINE]: () => engine(true, 4),
    'engine, depth only': () => engine(false, 0),
  };
  const recorded = flags.bag;
  if (recorded !== undefined)
    cases[`replay of ${path.basename(recorded)}`] = async () => (await replayOf(recorded, 4, true)).rate;
  const { peer } = flags;
  if (peer !== undefined) cases[PEER] = () => peerRate(peer, bag, { ...network, networkPath, manifest });

  const rates = new Map(Object.keys(cases).map((name) => [name, [] as Rate[]]));
  for (let round = 1; round <= Number(flags.rounds); round++) {
    for (const [name, measure] of Object.entries(cases)) {
      process.stderr.write(`round ${round}: ${name}\n`);
      rates.get(name)?.push(await measure());
    }
  }
  const fps = (name: string): number => median((rates.get(name) ?? []).map((rate) => rate.fps));
  const cpuMs = (name: string): number => median((rates.get(name) ?? []).map((rate) => rate.cpuMs));
  const bare = Math.max(fps(NETWORK), fps('network alone, 2 threads'));
  const row = (name: string, ...cells: string[]): void =>
    say(name.padEnd(42) + cells.map((cell) => cell.padStart(14)).join(''));
  row('medians', 'fps', 'ratio', 'fps from..to', 'CPU ms/frame');
  for (const [name, values] of rates) {
    const all = values.map((value) => value.fps);
    const spread = `${Math.min(...all).toFixed(1)}..${Math.max(...all).toFixed(1)}`;
    row(name, fps(name).toFixed(2), (fps(name) / bare).toFixed(2), spread, cpuMs(name).toFixed(1));
  }
  say('\nprocessor time of a frame by part, ms');
  const parts: Record<string, number> = {
    network: cpuMs(NETWORK),
    'graph around it': cpuMs(GRAPH) - cpuMs(NETWORK),
    'decoding, messages': cpuMs(ENGINE) - cpuMs(GRAPH),
    'reading, writing': cpuMs(REPLAY) - cpuMs(ENGINE),
    motion: cpuMs(MOTION) - cpuMs(REPLAY),
  };
  for (const [part, ms] of Object.entries(parts)) row(`  ${part}`, ms.toFixed(1));
  say(
    `\nlongest event-loop stall ${Math.max(...stalls).toFixed(1)} ms; ${megabytesPerFrame.toFixed(2)} MB written a frame`,
  );

  const memory = await longReplay(pictures, model);
  console.log(
    JSON.stringify({
      replayToNetwork: round3(fps(REPLAY) / bare),
      fullCloudsToNetwork: round3(fps('replay without motion, full clouds') / bare),
      replayToTwoProcesses: round3(fps(REPLAY) / fps('network alone, 2 processes of 1 thread')),
      depthOnlyToAll: round3(fps('engine, depth only') / fps(ENGINE)),
      ...(peer === undefined ? {} : { replayToPeer: round3(fps(REPLAY) / fps(PEER)) }),
      overheadMs: round3(cpuMs(REPLAY) - cpuMs(NETWORK)),
      motionMs: round3(cpuMs(MOTION) - cpuMs(REPLAY)),
      longestStallMs: round3(Math.max(...stalls)),
      ...memory,
    }),
  );
}

/** Memory after 500 frames and at the end, of one long replay; megabytes. */
async function longReplay(
  pictures: readonly Uint8Array[],
  model: string,
): Promise<{ memoryRatio?: number; memoryFrames?: number }> {
  const frames = Number(flags.frames);
  if (frames === 0) return {};
  process.stderr.write(`long replay of ${frames} frames\n`);
  const bag = path.join(folder, 'long');
  await writeWorkload(bag, pictures, frames);
  const { memory } = await replayAlone(bag, model, 4);
  const around = (low: number, high: number): number =>
    median(
      memory.filter((sample) => sample.frames >= low && sample.frames <= high).map(({ rss }) => rss / 1e6),
    );
  const first = Math.min(500, frames / 3);
  const early = around(first, first * 1.2);
  const late = around(frames * 0.9, frames);
  say(
    `memory: ${early.toFixed(0)} MB after ${Math.round(first)} frames, ${late.toFixed(0)} MB at the end of ${frames} (x ${(late / early).toFixed(3)})`,
  );
  return { memoryRatio: round3(late / early), memoryFrames: frames };
}

/** The network alone in a process of its own. */
async function bareRate(graphPath: string, threads: number): Promise<Rate> {
  const args = [graphPath, String(threads), String(BARE_SECONDS)];
  return JSON.parse(await childOutput('./bare-network.js', args)) as Rate;
}

/** The whole perception graph in a process of its own, all outputs wanted but full clouds. */
async function graphRate(graphPath: string): Promise<Rate> {
  return JSON.parse(await childOutput('./bare-graph.js', [graphPath, '1', String(BARE_SECONDS)])) as Rate;
}

/** bench/peers/replay.py says what it does. */
async function peerRate(
  python: string,
  bag: string,
  { networkPath, manifest, height, width, trusts }: NetworkOnly & { networkPath: string; manifest: Manifest },
): Promise<Rate> {
  const { mean, std, canonicalFocalPixels } = manifest.input;
  const { minMeters, maxMeters } = disparityRange(manifest);
  const { farMeters } = manifest.depth as { farMeters?: number };
  const options = {
    ...{ network: networkPath, height, width, trusts, threads: 2, warm: PEER_WARM },
    ...{ mean, std, canonicalFocalPixels, minMeters, maxMeters, farMeters, classes: manifest.classes },
  };
  const script = path.join(packageRoot(), 'bench', 'peers', 'replay.py');
  const output = path.join(folder, 'peer');
  await rm(output, { recursive: true, force: true });
  // Memory settings are for this program.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in MEMORY_SETTINGS)));
  const args = [script, bag, output, JSON.stringify(options)];
  const { stdout } = await promisify(execFile)(python, args, { env });
  await rm(output, { recursive: true, force: true });
  return JSON.parse(stdout) as Rate;
}

/** `rxdepth replay` in a process of its own, as its users run it. */
async function replayAlone(
  bag: string,
  model: string,
  pointsStride: number,
  motion = false,
): Promise<ReplayMeasurement> {
  const args = [bag, path.join(folder, 'output'), model, String(pointsStride), ...(motion ? ['motion'] : [])];
  return JSON.parse(await childOutput('./replay-alone.js', args)) as ReplayMeasurement;
}

/** Of processes side by side. */
function both(rates: readonly Rate[]): Rate {
  return {
    fps: rates.reduce((sum, rate) => sum + rate.fps, 0),
    cpuMs: rates.reduce((sum, rate) => sum + rate.cpuMs, 0) / rates.length,
  };
}

/** What another script of this folder prints, run in a process of its own. */
async function childOutput(script: string, args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { maxBuffer: 1 << 26 });
  return stdout;
}

function bytesPerPicture(pictures: readonly Uint8Array[]): number {
  return pictures.reduce((sum, picture) => sum + picture.length, 0) / pictures.length;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function say(line: string): void {
  console.log(line);
}
