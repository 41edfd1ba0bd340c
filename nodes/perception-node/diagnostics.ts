import { DIAGNOSTIC_LEVEL, type DiagnosticArray } from '../../msgs/diagnostic-array.js';
import type { Header } from '../../msgs/header.js';
import type { PerceptionStatus } from '../../msgs/perception-status.js';
import type { StageSummary } from '../perception/pipeline-statistics.js';

export interface DiagnosticFacts {
  readonly node: string;
  /** Lifecycle state. */
  readonly state: string;
  readonly status: PerceptionStatus;
  readonly stages: readonly StageSummary[];
  /** What keeps the node from working at all. */
  readonly failure?: string;
  /** What is wrong with the inputs. */
  readonly problems: readonly string[];
  /** Frames that failed since the last report. */
  readonly newFaults: number;
  /** Whether results are wanted by anybody. */
  readonly listened: boolean;
  readonly longestStallMs: number;
  /** Metres; undefined when it was not looked up or is unknown. */
  readonly cameraHeight?: number;
  /** Relative spread of the estimates of the scale; undefined where none is estimated. */
  readonly scaleSpread?: number;
}

/** The entry of one perception node in /diagnostics. */
export function diagnosticsOf(header: Header, facts: DiagnosticFacts): DiagnosticArray {
  const { node, state, status, stages, failure, problems, newFaults, listened } = facts;
  const [level, message] = verdict(facts);
  const values: Readonly<Record<string, string>> = {
    state,
    listened: String(listened),
    model: `${status.model_name} ${status.model_version}`,
    provider: status.provider,
    device: status.device,
    'input rate [Hz]': status.input_rate_hz.toFixed(1),
    'output rate [Hz]': status.output_rate_hz.toFixed(1),
    'frames in': String(status.frames_in),
    'frames out': String(status.frames_out),
    'frames dropped': String(status.frames_dropped),
    'frames failed': String(status.frames_failed),
    'frames failed lately': String(newFaults),
    'latency p50 [ms]': status.latency_p50_ms.toFixed(1),
    'latency p95 [ms]': status.latency_p95_ms.toFixed(1),
    scale: String(status.scale),
    'scale source': status.scale_source,
    ...(facts.scaleSpread !== undefined && { 'scale spread': facts.scaleSpread.toFixed(3) }),
    lambda: String(status.dc_lambda),
    'longest event-loop stall [ms]': facts.longestStallMs.toFixed(1),
    ...(facts.cameraHeight !== undefined && { 'camera height [m]': facts.cameraHeight.toFixed(3) }),
    ...(failure !== undefined && { failure }),
  };
  return {
    header,
    status: [
      {
        level,
        name: `${node}: perception`,
        message,
        hardware_id: header.frame_id,
        values: [
          ...Object.entries(values).map(([key, value]) => ({ key, value })),
          ...stages.map(({ stage, count, drops, faults, p50Ms, p95Ms }) => ({
            key: `stage ${stage}`,
            value: `${count} passed, ${drops} dropped, ${faults} failed, p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`,
          })),
          ...problems.map((value, index) => ({ key: `problem ${index + 1}`, value })),
        ],
      },
    ],
  };
}

function verdict(facts: DiagnosticFacts): readonly [level: number, message: string] {
  const { failure, problems, newFaults, state, listened, status } = facts;
  if (failure !== undefined) return [DIAGNOSTIC_LEVEL.ERROR, failure];
  if (state !== 'active') return [DIAGNOSTIC_LEVEL.OK, state];
  if (problems[0] !== undefined) return [DIAGNOSTIC_LEVEL.WARN, problems[0]];
  if (newFaults > 0) return [DIAGNOSTIC_LEVEL.WARN, `${newFaults} frames failed`];
  if (!listened) return [DIAGNOSTIC_LEVEL.OK, 'idle: nobody subscribes to an output'];
  return [DIAGNOSTIC_LEVEL.OK, `${status.output_rate_hz.toFixed(1)} Hz`];
}
