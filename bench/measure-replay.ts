import { rm } from 'node:fs/promises';
import { runReplay } from '../nodes/cli/run-replay.js';
import type { Rate } from './rate.js';

export interface ReplayMeasurement {
  /** Neither the clock nor the processor time counts opening and closing the bags and the model. */
  readonly rate: Rate;
  readonly longestStallMs: number;
  readonly megabytesPerFrame: number;
  /** Resident memory of the process, bytes, by frames done; about five samples a second. */
  readonly memory: readonly { readonly frames: number; readonly rss: number }[];
}

/** Runs `rxdepth replay` in this process and takes its measure; the output bag is deleted afterwards. */
export async function measureReplay(options: {
  readonly bag: string;
  readonly output: string;
  readonly model: string;
  readonly pointsStride: number;
  /** Compare frames with those before, default false. */
  readonly motion?: boolean;
  readonly limit?: number;
}): Promise<ReplayMeasurement> {
  const memory: { frames: number; rss: number }[] = [];
  const used: { frames: number; cpuMs: number }[] = [];
  // The progress line is the replay's own account of where it is.
  const progress = {
    isTTY: true,
    columns: 200,
    write: (text: string) => {
      const frames = /(\d+)(?:\/\d+)? frames/.exec(text)?.[1];
      if (frames === undefined) return;
      memory.push({ frames: Number(frames), rss: process.memoryUsage.rss() });
      const { user, system } = process.cpuUsage();
      used.push({ frames: Number(frames), cpuMs: (user + system) / 1000 });
    },
  };
  try {
    const summary = await runReplay(
      {
        ...options,
        device: 'cpu',
        depthEncoding: '32FC1',
        images: false,
        scale: 'model',
        motion: options.motion ?? false,
        overwrite: true,
        verbose: false,
        pictureEvery: 1,
      },
      { progress, signal: new AbortController().signal },
    );
    if (summary.framesFailed > 0 || summary.framesOut === 0) {
      throw new Error(`${options.bag}: ${summary.framesOut} frames out, ${summary.framesFailed} failed`);
    }
    return {
      rate: { fps: summary.framesOut / summary.seconds, cpuMs: slopeOf(used) },
      longestStallMs: summary.longestStallMs,
      megabytesPerFrame: summary.outputBytes / summary.framesOut / 1e6,
      memory,
    };
  } finally {
    await rm(options.output, { recursive: true, force: true });
  }
}

/** Frames after which a replay runs as it goes on: compiled, and with its memory. */
const SETTLED = 20;

/** Processor time of a frame, milliseconds, between the first account after `SETTLED` frames and the last. */
function slopeOf(used: readonly { readonly frames: number; readonly cpuMs: number }[]): number {
  const from = used.find(({ frames }) => frames >= SETTLED);
  const to = used.at(-1);
  if (from === undefined || to === undefined || to.frames <= from.frames)
    throw new Error(`the replay is too short to be measured: give it more frames than ${2 * SETTLED}`);
  return (to.cpuMs - from.cpuMs) / (to.frames - from.frames);
}
