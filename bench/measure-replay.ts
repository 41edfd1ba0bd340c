import { rm } from 'node:fs/promises';
import { runReplay } from '../nodes/cli/run-replay.js';
import { type Rate, startRate } from './rate.js';

export interface ReplayMeasurement {
  /** Processor time includes opening and closing the bags and the model; the clock does not. */
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
  // The progress line is the replay's own account of where it is.
  const progress = {
    isTTY: true,
    columns: 200,
    write: (text: string) => {
      const frames = /(\d+)(?:\/\d+)? frames/.exec(text)?.[1];
      if (frames !== undefined) memory.push({ frames: Number(frames), rss: process.memoryUsage.rss() });
    },
  };
  const stop = startRate();
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
      rate: { ...stop(summary.framesOut), fps: summary.framesOut / summary.seconds },
      longestStallMs: summary.longestStallMs,
      megabytesPerFrame: summary.outputBytes / summary.framesOut / 1e6,
      memory,
    };
  } finally {
    await rm(options.output, { recursive: true, force: true });
  }
}
