import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReplaySummary } from '../../nodes/cli/replay-summary.js';
import { runReplay } from '../../nodes/cli/run-replay.js';
import { OutputClock } from './output-clock.js';

export interface ReplayOutcome {
  readonly swaps: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly framesFailed: number;
  /** Why, each reason once. */
  readonly faults: ReplaySummary['faults'];
  readonly fps: number;
  readonly longestGapMs: number;
  readonly longestStallMs: number;
  /** Resident memory before the first swap and after each one, megabytes. */
  readonly memory: readonly number[];
}

/** Frames before the first swap: buffers and heaps have grown to what a frame needs. */
const FRAMES_BEFORE = 100;
/** Frames from a swap to the next: the old engine has closed. */
const FRAMES_BETWEEN = 15;

/**
 * `rxdepth replay --follow` in this process, at full speed, while another process makes one of two versions current after
 * the other until so many swaps were made.
 * @param home of the versions NAME/1 and NAME/2. @param swaps 0: none, `limit` frames.
 */
export async function swapsInReplay(options: {
  readonly bag: string;
  readonly folder: string;
  readonly home: string;
  readonly name: string;
  readonly swaps: number;
  readonly limit?: number;
}): Promise<ReplayOutcome> {
  const { bag, folder, home, name, swaps, limit } = options;
  process.env.RXDEPTH_HOME = home;
  const chooser = chooseVersions(home);
  const stop = new AbortController();
  const clock = new OutputClock();
  const memory: number[] = [];
  let made = 0;
  let swappedAt = 0;
  let version = 1;
  const choose = () => {
    version = 3 - version;
    chooser.stdin?.write(`${name}/${version}\n`);
  };
  const write = (text: string) => {
    if (/ stays: /.test(text)) throw new Error(text);
    if (!/ runs from frame /.test(text)) return;
    made += 1;
    swappedAt = clock.count;
  };
  const done = () => {
    clock.tick();
    const isNext = made === 0 ? clock.count === FRAMES_BEFORE : clock.count === swappedAt + FRAMES_BETWEEN;
    if (swaps === 0 || !isNext) return;
    memory.push(process.memoryUsage.rss() / 1e6);
    process.stderr.write(`after ${made} swaps ${Math.round(memory.at(-1) ?? 0)} MB\n`);
    if (made < swaps) choose();
    else stop.abort();
  };
  const output = path.join(folder, 'output');
  let summary: ReplaySummary;
  try {
    summary = await runReplay(
      {
        ...{ bag, output, follow: true, device: 'cpu', pointsStride: 4, depthEncoding: '32FC1' },
        ...{ images: false, overwrite: true, verbose: false, pictureEvery: 1 },
        ...(limit !== undefined && { limit }),
      },
      { progress: { isTTY: false, write }, signal: stop.signal, done },
    );
  } finally {
    chooser.stdin?.end();
    await rm(output, { recursive: true, force: true });
  }
  const { framesIn, framesOut, framesFailed, faults, seconds, longestStallMs } = summary;
  return {
    ...{ swaps: summary.swaps?.length ?? 0, framesIn, framesOut, framesFailed, faults },
    ...{ fps: framesOut / seconds, longestGapMs: clock.longestGapMs, longestStallMs },
    memory,
  };
}

function chooseVersions(home: string): ChildProcess {
  const script = fileURLToPath(new URL('./choose-versions.js', import.meta.url));
  return spawn(process.execPath, [script, home], { stdio: ['pipe', 'ignore', 'inherit'] });
}
