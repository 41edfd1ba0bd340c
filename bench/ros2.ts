import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import type { DiagnosticArray } from '../msgs/diagnostic-array.js';
import type { Header } from '../msgs/header.js';
import type { PerceptionStatus } from '../msgs/perception-status.js';
import { stampToNs } from '../msgs/stamp.js';
import { OUTPUT_ROWS } from '../nodes/perception/outputs.js';
import { type GraphProcess, type Heard, LiveGraph, until } from '../test/nodes/transport/ros2/live-graph.js';
import { median } from '../vision/median.js';
import type { Stall } from './ros2/stall-probe.js';

/**
 * The node on a live ROS 2 graph: a camera, the node and a subscriber as three processes (docs/measurements/ros2.md). Needs ROS 2 and
 * rxdepth_msgs sourced. The last line is one JSON object.
 */
const program = new Command('bench:ros2')
  .description('Streams a camera through the perception node on a live ROS 2 graph; the last line is JSON.')
  .option(
    '--bag <bag>',
    'recording with jpeg images to publish over and over (default: synthetic rgb8 images)',
  )
  .option('--image <topic>', 'of the recording', '/kitti/camera/color/left/image_rect/compressed')
  .option('--camera-info <topic>', 'of the recording', '/kitti/camera/color/left/camera_info')
  .option('--width <pixels>', 'of synthetic images', '1920')
  .option('--height <pixels>', 'of synthetic images', '1080')
  .option('--hz <rate>', 'images a second', '30')
  .option('--seconds <s>', 'how long', '60')
  .option('--threads <n>', 'of the network; 0: one per core', '0')
  .option(
    '--compute-nice <n>',
    'nice value of the computing threads above that of the node (default: its own)',
  )
  .option('--prefix <command>', 'what starts the node, as launch-prefix:= of ros2 launch: nice -n -5')
  .option('--model <folder>', 'model folder (default: the current version)')
  .option('--topics <names>', 'outputs to listen to, separated by commas', 'depth/image,points')
  .parse();
const flags = program.opts<{
  bag?: string;
  image: string;
  cameraInfo: string;
  width: string;
  height: string;
  hz: string;
  seconds: string;
  threads: string;
  computeNice?: string;
  prefix?: string;
  model?: string;
  topics: string;
}>();

const TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  OUTPUT_ROWS.map(([, { topic, codec }]) => [topic, codec.type]),
);
const REPORT_S = 10;
/** Memory of the last minute is compared with that of the second one: pools and DDS queues have filled by then. */
const MINUTE_S = 60;

/** A view of 80 degrees. */
const FOCAL_TO_WIDTH = 0.6;

interface Sample {
  readonly second: number;
  readonly rssMb: number;
  readonly status: PerceptionStatus;
  /** Longest stall of the node's event loop since the sample before. */
  readonly stallMs: number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'rxdepth-ros2-'));
const stallFile = path.join(folder, 'stalls');
writeFileSync(stallFile, '');
process.env.RXDEPTH_STALLS = stallFile;
const graph = new LiveGraph(99);
try {
  await run();
} finally {
  graph.kill();
  rmSync(folder, { recursive: true });
}

async function run(): Promise<void> {
  const { bag, image, cameraInfo, hz, model, threads, computeNice } = flags;
  const [width, height, seconds] = [flags.width, flags.height, flags.seconds].map(Number) as [
    number,
    number,
    number,
  ];
  const node = graph.perception(
    {
      ...{ threads, compressed: bag !== undefined, max_age: '0.0' },
      ...(computeNice !== undefined && { compute_nice: computeNice }),
      ...(model !== undefined && { model }),
    },
    {
      flags: ['--import', new URL('./ros2/stall-probe.js', import.meta.url).href],
      ...(flags.prefix !== undefined && { prefix: flags.prefix.split(' ') }),
    },
  );
  await node.says(/configured/);
  const outputs = new Map<string, Heard<{ header: Header }>>(
    flags.topics
      .split(',')
      .map((topic) => [topic, graph.listen(topic, TYPES[topic] ?? 'sensor_msgs/msg/Image')]),
  );
  const status = graph.listen<PerceptionStatus>('status', 'rxdepth_msgs/msg/PerceptionStatus');
  const diagnostics = graph.listen<DiagnosticArray>('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
  const camera = graph.listen<{ header: Header }>('camera_info', 'sensor_msgs/msg/CameraInfo', {
    ...{ reliability: 'best_effort', durability: 'volatile', depth: 100 },
  });
  const source =
    bag === undefined
      ? graph.camera({
          ...{ hz: Number(hz), focal: FOCAL_TO_WIDTH * width },
          phases: [{ seconds: seconds + 30, width, height }],
        })
      : graph.bagCamera({
          ...{ bag, image, info: cameraInfo, hz: Number(hz) },
          frames: Math.ceil(Number(hz) * (seconds + 30)),
        });
  await until(
    () => [...outputs.values()].every(({ messages }) => messages.length > 0),
    `outputs; the node said ${node.said}, the camera ${source.said}`,
  );

  const samples: Sample[] = [];
  let read = diagnostics.messages.length;
  const early = stallsOf(stallFile).length;
  console.log('   s   RSS MB   in Hz  out Hz  dropped  failed  p50 ms  p95 ms  longest stall ms');
  for (let second = 0; second <= seconds; second += REPORT_S) {
    if (second > 0) await new Promise((resolve) => setTimeout(resolve, REPORT_S * 1000));
    const latest = status.messages.at(-1);
    if (latest === undefined) continue;
    const stallMs = Math.max(0, ...diagnostics.messages.slice(read).map(stallOf));
    read = diagnostics.messages.length;
    const sample = { second, rssMb: rssMb(node), status: latest, stallMs };
    samples.push(sample);
    console.log(row(sample));
  }
  const ages = [...outputs].map(([topic, { agesMs }]) => [topic, round(median(agesMs))] as const);
  const rates = [...outputs].map(([topic, { messages }]) => [topic, round(rateOf(messages))] as const);
  const sent = new Set(camera.messages.map(keyOf));
  const heard = [...outputs.values()].flatMap(({ messages }) => messages.map(keyOf));
  const stalls = stallsOf(stallFile).slice(early);
  const end = await node.end('SIGINT');
  const last = samples.at(-1);
  const memoryOf = (from: number, to: number) =>
    median(samples.filter(({ second }) => second > from && second <= to).map(({ rssMb }) => rssMb));
  const summary = {
    ...{ rates: Object.fromEntries(rates), agesMs: Object.fromEntries(ages) },
    headersOfTheCamera: round(heard.filter((key) => sent.has(key)).length / heard.length),
    dropped: last?.status.frames_dropped,
    failed: last?.status.frames_failed,
    ...(seconds >= 3 * MINUTE_S && {
      memoryRatio: round(memoryOf(seconds - MINUTE_S, seconds) / memoryOf(MINUTE_S, 2 * MINUTE_S)),
    }),
    longestStallMs: round(Math.max(...samples.slice(1).map(({ stallMs }) => stallMs))),
    stalls: stallSummary(stalls),
    endMs: round(end.ms),
    exit: end.exit,
  };
  console.log(node.said.trim());
  console.log(JSON.stringify(summary));
}

function row({ second, rssMb: memory, status, stallMs }: Sample): string {
  const { input_rate_hz, output_rate_hz, frames_dropped, frames_failed, latency_p50_ms, latency_p95_ms } =
    status;
  return [
    ...[second.toFixed(0).padStart(4), memory.toFixed(1).padStart(8)],
    ...[input_rate_hz.toFixed(1).padStart(7), output_rate_hz.toFixed(1).padStart(7)],
    ...[String(frames_dropped).padStart(8), String(frames_failed).padStart(7)],
    ...[
      latency_p50_ms.toFixed(0).padStart(7),
      latency_p95_ms.toFixed(0).padStart(7),
      stallMs.toFixed(1).padStart(8),
    ],
  ].join(' ');
}

/** By the probe in the node. */
function stallsOf(file: string): Stall[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Stall);
}

/** How much of the stalls is the node's own work, and how much waiting for a processor. */
function stallSummary(stalls: readonly Stall[]) {
  const by = (value: (stall: Stall) => number) => [...stalls].sort((a, b) => value(b) - value(a))[0];
  const told = (stall: Stall | undefined) =>
    stall && {
      ...{ ms: round(stall.gapMs), ranMs: round(stall.ranMs), waitedMs: round(stall.waitedMs) },
      collectedMs: round(stall.collectedMs),
    };
  return {
    over50Ms: stalls.filter(({ gapMs }) => gapMs > 50).length,
    ranOver50Ms: stalls.filter(({ ranMs }) => ranMs > 50).length,
    longest: told(by(({ gapMs }) => gapMs)),
    mostWork: told(by(({ ranMs }) => ranMs)),
  };
}

function stallOf({ status }: DiagnosticArray): number {
  return Number(status[0]?.values.find(({ key }) => key.startsWith('longest event-loop stall'))?.value ?? 0);
}

function keyOf({ header }: { readonly header: Header }): string {
  return `${header.frame_id} ${header.stamp.sec}.${header.stamp.nanosec}`;
}

/** By the messages' stamps. */
function rateOf(messages: readonly { readonly header: Header }[]): number {
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined || messages.length < 2) return 0;
  return (messages.length - 1) / (Number(stampToNs(last.header.stamp) - stampToNs(first.header.stamp)) / 1e9);
}

/** Resident memory. Source: proc(5). */
function rssMb({ child }: GraphProcess): number {
  const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s*(\d+) kB/.exec(text)?.[1] ?? Number.NaN) / 1024;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
