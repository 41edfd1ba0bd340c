import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { underMemorySettings } from '../models/memory-settings.js';
import { loadModel, shippedModel } from '../models/model-store.js';
import { VersionStore } from '../models/versions/version-store.js';
import { median } from '../vision/median.js';
import { besideAdaptation } from './swap/beside-adaptation.js';
import { live } from './swap/live.js';
import { nightOfAdaptation, nightText } from './swap/night.js';
import { swapsInReplay } from './swap/swaps-in-replay.js';
import { workloadPictures, writeWorkload } from './workload.js';

if (await underMemorySettings()) process.exit();

/** Hot swaps under load, and perception beside a running adaptation (docs/measurements/hot-swap.md). The last line is one JSON object. */
const program = new Command('bench:swap')
  .description(
    'Swaps models in a running replay and a live pipeline, 1242x375 jpeg images; the last line is JSON.',
  )
  .option('--parts <names>', 'comma-separated: replay, live, adaptation, night', 'replay,live,adaptation')
  .option('--swaps <n>', 'in each part', '20')
  .option('--hz <rate>', 'of the live camera', '10')
  .option('--drive <bag>', 'drive that is adapted to in the parts adaptation and night')
  .option('--rounds <n>', 'of the part adaptation', '5')
  .option('--minutes <n>', 'of the part night', '30')
  .option('--turn <seconds>', 'of the part night', '30')
  .option(
    '--home <folder>',
    'where the part night keeps its samples from one start to the next; default: anew each time',
  )
  .parse();
const flags = program.opts<{
  parts: string;
  swaps: string;
  hz: string;
  drive?: string;
  rounds: string;
  minutes: string;
  turn: string;
  home?: string;
}>();
const swaps = Number(flags.swaps);
const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-swap-'));
const say = (text: string) => process.stdout.write(`${text}\n`);
const round = (value: number) => Math.round(value * 1000) / 1000;

/** Two versions of the shipped model. */
async function versions(): Promise<{ home: string; name: string }> {
  const home = path.join(folder, 'home');
  const store = new VersionStore({ home });
  for (let i = 0; i < 2; i++) await store.promote(shippedModel(), await store.current());
  const { name } = await store.current();
  await store.use({ name, version: 1 });
  return { home, name };
}

async function replayPart(pictures: readonly Uint8Array[]): Promise<object> {
  const { home, name } = await versions();
  const bag = path.join(folder, 'drive');
  await writeWorkload(bag, pictures, 150 * swaps);
  const without = await swapsInReplay({ bag, folder, home, name, swaps: 0, limit: 200 });
  const swapped = await swapsInReplay({ bag, folder, home, name, swaps });
  for (const [title, of] of Object.entries({ 'without swaps': without, swapping: swapped })) {
    say(
      `replay ${title}: ${of.swaps} swaps, ${of.framesIn} frames in, ${of.framesOut} out, ${of.framesFailed} failed, ` +
        `${of.fps.toFixed(2)} fps, longest gap ${of.longestGapMs.toFixed(0)} ms, stall ${of.longestStallMs.toFixed(1)} ms`,
    );
    for (const { stage, reason, count } of of.faults) say(`  ${count} x ${stage}: ${reason}`);
  }
  const { memory } = swapped;
  say(`replay memory before the first swap and after each, MB: ${memory.map(Math.round).join(' ')}`);
  const [before = Number.NaN, , second = Number.NaN] = memory;
  return {
    replaySwaps: swapped.swaps,
    replayLost: swapped.framesIn - swapped.framesOut,
    replaySpeed: round(swapped.fps / without.fps),
    replayGap: round(swapped.longestGapMs / without.longestGapMs),
    replayStallMs: round(swapped.longestStallMs),
    replayMemory: round((memory.at(-1) ?? Number.NaN) / before),
    replayMemoryAfterSecond: round((memory.at(-1) ?? Number.NaN) / second),
  };
}

async function livePart(pictures: readonly Uint8Array[]): Promise<object> {
  const { home, name } = await versions();
  const store = new VersionStore({ home });
  const models = [await store.load({ name, version: 1 }), await store.load({ name, version: 2 })] as const;
  const camera = { models, pictures, hz: Number(flags.hz), seconds: 20 };
  const without = await live({ ...camera, swaps: 0 });
  const swapped = await live({ ...camera, swaps });
  for (const [title, of] of Object.entries({ 'without swaps': without, swapping: swapped })) {
    say(
      `live ${title}: ${of.swaps} swaps in ${of.seconds.toFixed(0)} s, ${of.framesIn} frames in, ${of.framesOut} out, ` +
        `${of.dropped} dropped, ${of.failed} failed, longest gap ${of.longestGapMs.toFixed(0)} ms, ` +
        `stall ${of.longestStallMs.toFixed(1)} ms`,
    );
  }
  return {
    ...{ liveHz: camera.hz, liveSwaps: swapped.swaps, liveFailed: swapped.failed },
    liveLost: swapped.framesIn - swapped.framesOut - swapped.dropped,
    liveDropped: round(swapped.dropped / swapped.framesIn),
    liveDroppedWithout: round(without.dropped / without.framesIn),
    liveGap: round(swapped.longestGapMs / without.longestGapMs),
    liveStallMs: round(swapped.longestStallMs),
  };
}

async function adaptationPart(pictures: readonly Uint8Array[]): Promise<object> {
  const bag = path.join(folder, 'load');
  await writeWorkload(bag, pictures, 100);
  const home = path.join(folder, 'adapting');
  const drive = adaptedDrive();
  const model = shippedModel();
  const rounds = Number(flags.rounds);
  const { alone, beside } = await besideAdaptation({ bag, drive, folder, home, model, rounds, say });
  say(
    `perception ${median(alone).toFixed(2)} fps alone, ${median(beside).toFixed(2)} fps beside an adaptation`,
  );
  // Each pair was measured within a minute: on a shared machine more than a minute apart says little.
  const ratios = alone.map((fps, turn) => (beside[turn] ?? Number.NaN) / fps);
  return { besideAdaptation: round(median(ratios)), ratios: ratios.map(round) };
}

async function nightPart(pictures: readonly Uint8Array[]): Promise<object> {
  const { alone, beside, steps, memory } = await nightOfAdaptation({
    ...{ model: await loadModel(shippedModel()), pictures, hz: Number(flags.hz), drive: adaptedDrive() },
    ...{
      home: path.join(folder, 'night'),
      minutes: Number(flags.minutes),
      turnSeconds: Number(flags.turn),
      say,
    },
  });
  say(nightText('alone', alone));
  say(nightText('beside an adaptation', beside));
  say(
    `${steps} steps learned; memory of the node ${Math.round(memory[0])} to ${Math.round(memory.at(-1) ?? Number.NaN)} MB`,
  );
  const rate = (turns: typeof alone) =>
    turns.reduce((sum, turn) => sum + turn.framesOut, 0) /
    turns.reduce((sum, turn) => sum + turn.framesIn, 0);
  return { nightRate: round(rate(beside) / rate(alone)), nightSteps: steps };
}

function adaptedDrive(): string {
  const { drive } = flags;
  if (drive !== undefined) return drive;
  throw new Error('--drive: expected `a recorded drive` for the parts adaptation and night');
}

try {
  await loadModel(shippedModel());
  say(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores; node ${process.version}`);
  const pictures = await workloadPictures();
  const parts = { replay: replayPart, live: livePart, adaptation: adaptationPart, night: nightPart };
  let figures = {};
  for (const part of flags.parts.split(',')) {
    const measure = parts[part as keyof typeof parts];
    if (measure === undefined)
      throw new Error(`--parts: expected \`${Object.keys(parts).join(', ')}\`, got ${part}`);
    figures = { ...figures, ...(await measure(pictures)) };
  }
  say(JSON.stringify(figures));
} finally {
  await rm(folder, { recursive: true, force: true });
}
