import type { BagProblem } from '../../msgs/bag/bag-reader.js';
import type { FaultGroup, StageSummary, Warning } from '../perception/pipeline-statistics.js';
import { formatDuration } from './progress-line.js';
import type { ReplayedPart } from './replay-span.js';

/** The results of a replay: counts, times and problems. */
export interface ReplaySummary {
  /** Path or URL of the recorded bag. */
  readonly bag: string;
  /** The part of the recording that was replayed; absent: all of it. */
  readonly part?: ReplayedPart;
  /** Topic of the camera's images. */
  readonly imageTopic: string;
  /** Topic of the camera_info; undefined if the user gave intrinsics. */
  readonly infoTopic: string | undefined;
  /** `raw` or `rectified`. */
  readonly cameraKind: string;
  /** Reasons for the choice of image, camera_info and kind. */
  readonly cameraReasons: readonly string[];
  /** The model that the replay began with. */
  readonly model: string;
  /** Models that replaced it, each with its first frame. */
  readonly swaps?: readonly { readonly model: string; readonly frame: number }[];
  /** The device that computed. */
  readonly device: string;
  /** Number of onnxruntime sessions. */
  readonly sessions: number;
  /** Threads of each session; undefined on a GPU. */
  readonly threadsPerSession: number | undefined;
  /** Devices that `auto` passed over, with reasons. */
  readonly passedOver: readonly { readonly device: string; readonly why: string }[];
  /** Advice, if another form of the model is faster on this machine. */
  readonly modelHint?: string | undefined;
  /** Images read. */
  readonly framesIn: number;
  /** Images with published results. */
  readonly framesOut: number;
  /** Images without results, because of a fault. */
  readonly framesFailed: number;
  /** Faults, grouped by stage and reason. */
  readonly faults: readonly FaultGroup[];
  /** Warnings, each with its count. */
  readonly warnings: readonly Warning[];
  /** Damage of the bag. */
  readonly problems: readonly BagProblem[];
  /** Duration of the replay, seconds. */
  readonly seconds: number;
  /** Processor time of all threads in it, seconds. */
  readonly processorSeconds: number;
  /** Counts and latencies of every stage. */
  readonly stages: readonly StageSummary[];
  /** Longest stall of the event loop, milliseconds. */
  readonly longestStallMs: number;
  /** Path of the output bag's folder. */
  readonly output: string;
  /** Size of the output bag, bytes. */
  readonly outputBytes: number;
  /** Number of messages in the output, by topic. */
  readonly topics: ReadonlyMap<string, number>;
  /** Why the output has no clouds, tracks and what else needs metres; absent if it has. */
  readonly withoutMetres?: string;
  /** Panels that were written; absent if none were asked for. */
  readonly pictures?: {
    readonly folder: string;
    readonly count: number;
    readonly failure: string | undefined;
  };
  /** Whether an abort ended the replay early. */
  readonly interrupted: boolean;
}

const STAGE_MEANINGS: Readonly<Record<string, string>> = {
  pair: 'waiting for the camera_info',
  decode: 'bytes to pixels, beside inference',
  infer: 'the perception graph',
  encode: 'cloud and message headers',
  engine: 'decode to encode, with waiting',
  publish: 'writing',
  total: 'image in to messages written',
};

/** The summary as text for people. */
export function formatSummary(summary: ReplaySummary, verbose: boolean): string {
  const { framesIn, framesOut, framesFailed, seconds } = summary;
  const fps = seconds > 0 ? framesOut / seconds : 0;
  const threads =
    summary.threadsPerSession === undefined ? '' : ` x ${plural(summary.threadsPerSession, 'thread')}`;
  const lines = [
    summary.interrupted ? 'Interrupted; what was in flight is written.' : 'Done.',
    `  bag       ${summary.bag}`,
    ...(summary.part === undefined ? [] : [`            ${formatPart(summary.part)}`]),
    `  camera    ${summary.imageTopic} (${summary.cameraKind}), ${summary.infoTopic ?? 'given intrinsics'}`,
    ...summary.cameraReasons.map((reason) => `            ${reason}`),
    `  model     ${summary.model}`,
    ...(summary.swaps ?? []).map(({ model, frame }) => `            from frame ${frame} on ${model}`),
    `  provider  ${summary.device}, ${plural(summary.sessions, 'session')}${threads}`,
    ...passedOverLines(summary, verbose),
    ...(summary.modelHint === undefined ? [] : [`            ${summary.modelHint}`]),
    `  frames    ${framesIn} in, ${framesOut} out, ${framesFailed} failed`,
    ...summary.faults.map(({ stage, reason, count }) => `            ${count} x ${stage}: ${reason}`),
    ...summary.warnings.map(({ text, count }) => `  warning   ${text} (${count} x)`),
    ...summary.problems.map(({ file, what, lost }) => `  damage    ${file}: ${what}; lost: ${lost}`),
    `  speed     ${fps.toFixed(2)} fps, ${formatDuration(seconds)}${processorNote(summary)}`,
    ...stageLines(summary, verbose),
    `  output    ${summary.output} (${formatBytes(summary.outputBytes)})`,
    ...[...summary.topics].map(([topic, count]) => `            ${String(count).padStart(6)}  ${topic}`),
    ...(summary.withoutMetres === undefined
      ? []
      : [`            no metres, so no clouds, no tracks, no odometry: ${summary.withoutMetres}`]),
  ];
  const { pictures } = summary;
  if (pictures !== undefined) {
    lines.push(`  pictures  ${plural(pictures.count, 'panel')} in ${pictures.folder}`);
    if (pictures.failure !== undefined) lines.push(`            some are missing: ${pictures.failure}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Why no GPU computed takes a line for each provider, which only who looks for it wants. */
function passedOverLines({ passedOver }: ReplaySummary, verbose: boolean): string[] {
  if (verbose) return passedOver.map(({ device, why }) => `            not ${device}: ${why}`);
  const devices = passedOver.map(({ device }) => device);
  return devices.length === 0 ? [] : [`            not ${devices.join(', ')}: --verbose says why`];
}

/** Other programs take frames a second, but hardly processor time a frame. */
function processorNote({ processorSeconds, framesOut }: ReplaySummary): string {
  return framesOut === 0
    ? ''
    : `; ${((1000 * processorSeconds) / framesOut).toFixed(0)} ms of a processor a frame`;
}

function formatPart({ from, to }: ReplayedPart): string {
  return `from second ${from} ${to === undefined ? 'on' : `to second ${to}`}`;
}

function stageLines({ stages, longestStallMs }: ReplaySummary, verbose: boolean): string[] {
  const shown = verbose
    ? stages
    : stages.filter(({ stage }) => ['decode', 'infer', 'publish', 'total'].includes(stage));
  const ms = (value: number) => value.toFixed(1).padStart(7);
  const lines = shown.map(
    ({ stage, p50Ms, p95Ms, maxMs, count }) =>
      `            ${stage.padEnd(8)}${ms(p50Ms)} ms median ${ms(p95Ms)} ms 95 %` +
      (verbose ? ` ${ms(maxMs)} ms max ${String(count).padStart(7)} x` : '') +
      `  ${STAGE_MEANINGS[stage] ?? ''}`,
  );
  if (verbose) lines.push(`            longest event-loop stall ${longestStallMs.toFixed(1)} ms`);
  return lines;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
