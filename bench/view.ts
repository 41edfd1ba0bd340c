import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { median } from '../vision/median.js';
import { BrowserViewer } from './view/browser-viewer.js';
import { holdViewers } from './view/hold-viewers.js';
import { NodeProcess } from './view/node-process.js';
import { PlainViewer } from './view/plain-viewer.js';
import { figuresOf, measureRound, type Round } from './view/round.js';
import { latencyQuantiles, type ShownLatency, shownLatency } from './view/shown-latency.js';
import { workloadPictures, writeWorkload } from './workload.js';

/**
 * What viewers cost a node (docs/measurements/view.md): rate, drops and processor time without and with them; how long depth
 * takes to the screen of a real browser; memory over minutes. Rounds with viewers stand beside ones without, because what else
 * the machine does changes by the minute. The last line is one JSON object.
 */
const program = new Command('bench:view')
  .description('Measures a viewed node: rate, drops, memory, time to the screen; the last line is JSON.')
  .option('--bag <bag>', 'recording to play over and over (default: a synthetic one of 1242x375 jpeg images)')
  .option('--speed <factor>', 'multiple of its pace: take one that the machine keeps up with', '1')
  .option('--threads <n>', 'of the network (default: one per core)')
  .option('--viewers <n>', 'at once', '8')
  .option('--minutes <n>', 'of all viewers at once', '10')
  .option('--rounds <n>', 'of every comparison', '4')
  .option('--seconds <n>', 'of a round', '20')
  .option('--no-browser', 'leave out what takes a browser')
  .parse();
const flags = program.opts<{
  bag?: string;
  speed: string;
  threads?: string;
  viewers: string;
  minutes: string;
  rounds: string;
  seconds: string;
  browser: boolean;
}>();

const FRAMES = 300;
const WARM_S = 15;
/** After viewers came or went. */
const SETTLE_S = 2;
/** Memory is compared with that of this minute: pools and caches are full by then. */
const SETTLED_MINUTE = 2;
/** Number of the panel as the page counts. */
const DEPTH_PANEL = 2;

const CASES = ['one viewer', 'several viewers', 'one browser', 'one browser, depth alone'] as const;
type Case = (typeof CASES)[number];

const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-bench-'));
try {
  const bag = flags.bag ?? path.join(folder, 'drive');
  if (flags.bag === undefined) await writeWorkload(bag, await workloadPictures(), FRAMES);
  const threads = flags.threads === undefined ? {} : { threads: Number(flags.threads) };
  const node = await NodeProcess.start({ bag, speed: Number(flags.speed), ...threads });
  try {
    await run(node);
  } finally {
    await node.end();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(node: NodeProcess): Promise<void> {
  say(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, node ${process.version}; ${load()}`);
  await sleep(WARM_S * 1000);
  const rounds = CASES.filter((name) => flags.browser || !name.includes('browser')).map((name) => ({
    name,
    without: [] as Round[],
    with: [] as Round[],
    shown: [] as ShownLatency[],
    seenHz: [] as number[],
    ownShare: [] as number[],
  }));
  let previewWidth = 0;
  for (let index = 0; index < Number(flags.rounds); index++) {
    for (const one of rounds) {
      one.without.push(await measureRound(node, Number(flags.seconds)));
      const viewers = await open(node, one.name);
      await sleep(SETTLE_S * 1000);
      for (const viewer of viewers) if (viewer instanceof BrowserViewer) await viewer.drawn();
      const before = depthsSeen(viewers);
      const round = await measureRound(node, Number(flags.seconds));
      one.with.push(round);
      one.seenHz.push((depthsSeen(viewers) - before) / viewers.length / round.seconds);
      one.ownShare.push(round.ownCpuMs / 1000 / round.seconds / availableParallelism());
      for (const viewer of viewers) {
        if (viewer instanceof BrowserViewer) {
          one.shown.push(shownLatency(round.published, await viewer.drawn()));
          previewWidth = await viewer.depthWidth();
        }
        await viewer.close();
      }
      await sleep(SETTLE_S * 1000);
    }
  }

  say(
    `\n${'viewers'.padEnd(26)} rate [Hz] without, with     CPU [ms/frame] without, with   dropped without, with`,
  );
  const viewers: Record<string, unknown> = {};
  const shown: Record<string, unknown> = {};
  for (const one of rounds) {
    const [before, after] = [summary(one.without), summary(one.with)];
    const [rateRatio, cpuRatio] = [after.rateHz / before.rateHz, after.cpuMs / before.cpuMs];
    const cells = [
      `${before.rateHz.toFixed(2)}, ${after.rateHz.toFixed(2)} (${percent(rateRatio)})`,
      `${before.cpuMs.toFixed(0)}, ${after.cpuMs.toFixed(0)} (${percent(cpuRatio)})`,
      `${percent(before.droppedShare)}, ${percent(after.droppedShare)}`,
    ];
    say(`${one.name.padEnd(26)} ${cells.map((cell) => cell.padEnd(30)).join(' ')}`);
    viewers[one.name] = { without: before, with: after, rateRatio, cpuRatio };
    if (!one.name.includes('browser')) {
      const [seenHz, ownShare] = [median(one.seenHz), median(one.ownShare)];
      say(
        `${''.padEnd(26)} each sees depth at ${seenHz.toFixed(1)} Hz; all take ${percent(ownShare)} of the cores in their own process`,
      );
      viewers[one.name] = { without: before, with: after, rateRatio, cpuRatio, seenHz, ownShare };
    }
    const [drawnMs, paintedMs] = [
      one.shown.flatMap((some) => some.drawnMs),
      one.shown.flatMap((some) => some.paintedMs),
    ];
    if (drawnMs.length > 0)
      shown[one.name] = {
        ...{ images: drawnMs.length, drawn: latencyQuantiles(drawnMs) },
        painted: latencyQuantiles(paintedMs),
      };
  }
  if (flags.browser) {
    say(
      `\nmilliseconds from publishing depth to the browser, a preview of ${previewWidth} pixels (median, 95 %, 99 %)`,
    );
    for (const [name, figures] of Object.entries(shown)) say(`${name.padEnd(26)} ${JSON.stringify(figures)}`);
  }

  say(`\n${flags.viewers} viewers at once for ${flags.minutes} minutes; ${load()}`);
  const all = await open(node, 'several viewers');
  const held = await holdViewers(node, Number(flags.minutes), (minute) =>
    say(
      Object.entries(minute)
        .map(([key, value]) => `${key} ${Math.round(value)}`)
        .join(', '),
    ),
  );
  const seen = all.map((viewer) => (viewer instanceof PlainViewer ? viewer.seen.frames : 0));
  for (const viewer of all) await viewer.close();
  const [settled, last] = [held[SETTLED_MINUTE - 1], held.at(-1)];
  const growth = settled && last ? last.rssMiB / settled.rssMiB : Number.NaN;
  say(`memory of the last minute over that of minute ${SETTLED_MINUTE}: ${percent(growth)}; ${load()}`);
  process.stdout.write(
    `${JSON.stringify({ previewWidth, viewers, shown, held, memoryGrowth: growth, framesSeen: seen })}\n`,
  );
}

function depthsSeen(viewers: readonly (PlainViewer | BrowserViewer)[]): number {
  return viewers.reduce((sum, viewer) => sum + (viewer instanceof PlainViewer ? viewer.seen.depths : 0), 0);
}

async function open(node: NodeProcess, name: Case): Promise<(PlainViewer | BrowserViewer)[]> {
  if (name === 'one browser') return [await BrowserViewer.open(node.url)];
  if (name === 'one browser, depth alone') return [await BrowserViewer.open(node.url, DEPTH_PANEL)];
  const count = name === 'one viewer' ? 1 : Number(flags.viewers);
  return await Promise.all(Array.from({ length: count }, () => PlainViewer.open(node.url)));
}

/** Medians over the rounds; drops of all of them together. */
function summary(rounds: readonly Round[]): ReturnType<typeof figuresOf> {
  const figures = rounds.map(figuresOf);
  const [depths, dropped] = [
    rounds.reduce((sum, round) => sum + round.depths, 0),
    rounds.reduce((sum, round) => sum + round.dropped, 0),
  ];
  return {
    rateHz: median(figures.map(({ rateHz }) => rateHz)),
    cpuMs: median(figures.map(({ cpuMs }) => cpuMs)),
    droppedShare: dropped / Math.max(1, depths + dropped),
  };
}

function load(): string {
  return `load averages ${loadavg()
    .map((value) => value.toFixed(1))
    .join(', ')}`;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
