import {
  DIAGNOSTIC_LEVEL,
  type DiagnosticArray,
  type DiagnosticStatus,
} from '../../msgs/diagnostic-array.js';
import type { Header } from '../../msgs/header.js';
import type { PerceptionStatus } from '../../msgs/perception-status.js';
import type { StageSummary } from '../perception/pipeline-statistics.js';
import { AREAS, type Area, type Episode } from './episodes.js';
import type { Figures, ImageFigures } from './image-figures.js';

/** What a configured node knows of its work. */
export interface WorkFacts {
  /** Absent until the engine has told what it is. */
  readonly status?: PerceptionStatus;
  readonly stages: readonly StageSummary[];
  /** Frames that failed since the last report. */
  readonly newFaults: number;
  /** Whether results are wanted by anybody. */
  readonly listened: boolean;
  /** Figures of the images that came since the last report. */
  readonly images: ImageFigures;
  readonly longestStallMs: number;
  /** Metres; undefined when it was not looked up or is unknown. */
  readonly cameraHeight?: number;
  /** Relative spread of the estimates of the scale; undefined where none is estimated. */
  readonly scaleSpread?: number;
}

export interface DiagnosticFacts {
  readonly node: string;
  /** Lifecycle state. */
  readonly state: string;
  /** What keeps the node from working at all. */
  readonly failure?: string;
  /** What keeps results from coming, or makes them worse. */
  readonly episodes: readonly Episode[];
  /** What a configured node works on; absent before. */
  readonly work?: WorkFacts;
}

/**
 * The entries of one perception node in /diagnostics. `NODE: perception` with the verdict on all and the figures, and one for
 * each area of trouble, whose names are always the same.
 */
export function diagnosticsOf(header: Header, facts: DiagnosticFacts): DiagnosticArray {
  const { node, state, failure, episodes, work } = facts;
  const [level, message] = verdict(facts);
  const entry = (name: string, rest: Omit<DiagnosticStatus, 'name' | 'hardware_id'>): DiagnosticStatus => ({
    ...{ name: `${node}: ${name}`, hardware_id: header.frame_id },
    ...rest,
  });
  const values = [
    { key: 'state', value: state },
    ...(failure === undefined ? [] : [{ key: 'failure', value: failure }]),
    ...(work === undefined ? [] : figures(work)),
    ...episodes.map(({ text }, index) => ({ key: `problem ${index + 1}`, value: text })),
  ];
  return {
    header,
    status: [
      entry('perception', { level, message, values }),
      ...AREAS.map((area) => entry(area, areaEntry(area, facts))),
    ],
  };
}

function areaEntry(area: Area, { failure, episodes, work, state }: DiagnosticFacts) {
  const own = episodes.filter((episode) => episode.area === area);
  const values = own.map(({ text, count, seconds }) => ({
    key: text,
    value: `${count} times in ${seconds.toFixed(0)} s`,
  }));
  if (area === 'node' && failure !== undefined) {
    return { level: DIAGNOSTIC_LEVEL.ERROR, message: failure, values };
  }
  if (area === 'images' && work !== undefined) values.push(...imageValues(work.images));
  const [first] = own;
  if (first !== undefined) return { level: DIAGNOSTIC_LEVEL.WARN, message: first.text, values };
  const idle = area === 'results' && (state !== 'active' || work?.listened === false);
  return { level: DIAGNOSTIC_LEVEL.OK, message: idle ? idleness(state) : 'ok', values };
}

/** What ROS calls topic statistics. */
function imageValues({ age, period }: ImageFigures): { key: string; value: string }[] {
  const text = ({ mean, min, max, stddev, count }: Figures) =>
    `mean ${mean.toFixed(1)}, min ${min.toFixed(1)}, max ${max.toFixed(1)}, stddev ${stddev.toFixed(1)}, count ${count}`;
  return [
    { key: 'message age [ms]', value: text(age) },
    { key: 'message period [ms]', value: text(period) },
  ];
}

function idleness(state: string): string {
  return state === 'active'
    ? 'idle: nobody subscribes to an output'
    : `none: the node is ${state}${state === 'inactive' ? ', not activated' : ', not configured'}`;
}

function verdict({
  failure,
  episodes,
  state,
  work,
}: DiagnosticFacts): readonly [level: number, text: string] {
  if (failure !== undefined) return [DIAGNOSTIC_LEVEL.ERROR, failure];
  const [first] = episodes;
  if (first !== undefined) return [DIAGNOSTIC_LEVEL.WARN, first.text];
  if (state !== 'active') return [DIAGNOSTIC_LEVEL.OK, state];
  if (work?.listened === false) return [DIAGNOSTIC_LEVEL.OK, idleness(state)];
  return [DIAGNOSTIC_LEVEL.OK, `${(work?.status?.output_rate_hz ?? 0).toFixed(1)} Hz`];
}

function figures({
  status,
  stages,
  newFaults,
  listened,
  longestStallMs,
  cameraHeight,
  scaleSpread,
}: WorkFacts) {
  const values: Readonly<Record<string, string>> = {
    listened: String(listened),
    ...(status && {
      model: `${status.model_name} ${status.model_version}`,
      provider: status.provider,
      device: status.device,
      'input rate [Hz]': status.input_rate_hz.toFixed(1),
      'output rate [Hz]': status.output_rate_hz.toFixed(1),
      'frames in': String(status.frames_in),
      'frames out': String(status.frames_out),
      'frames dropped': String(status.frames_dropped),
      'frames failed': String(status.frames_failed),
      'latency p50 [ms]': status.latency_p50_ms.toFixed(1),
      'latency p95 [ms]': status.latency_p95_ms.toFixed(1),
      scale: String(status.scale),
      'scale source': status.scale_source,
      lambda: String(status.dc_lambda),
    }),
    'frames failed lately': String(newFaults),
    ...(scaleSpread !== undefined && { 'scale spread': scaleSpread.toFixed(3) }),
    'longest event-loop stall [ms]': longestStallMs.toFixed(1),
    ...(cameraHeight !== undefined && { 'camera height [m]': cameraHeight.toFixed(3) }),
  };
  return [
    ...Object.entries(values).map(([key, value]) => ({ key, value })),
    ...stages.map(({ stage, count, drops, faults, p50Ms, p95Ms }) => ({
      key: `stage ${stage}`,
      value: `${count} passed, ${drops} dropped, ${faults} failed, p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`,
    })),
  ];
}
