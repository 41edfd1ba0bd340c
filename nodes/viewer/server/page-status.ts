import { ADAPTATION_STATE, type AdaptationStatus } from '../../../msgs/adaptation-status.js';
import { DIAGNOSTIC_LEVEL, type DiagnosticArray } from '../../../msgs/diagnostic-array.js';
import type { PerceptionStatus } from '../../../msgs/perception-status.js';
import type { ToPage, WireStatus } from '../page-protocol.js';

/** A node's status as the page draws it. */
export function statusOf(status: PerceptionStatus): WireStatus {
  return {
    model: `${status.model_name}/${status.model_version}`,
    ...{ provider: status.provider, device: status.device },
    ...{ inputHz: status.input_rate_hz, outputHz: status.output_rate_hz },
    ...{ framesIn: status.frames_in, framesOut: status.frames_out },
    ...{ dropped: status.frames_dropped, failed: status.frames_failed },
    ...{ p50Ms: known(status.latency_p50_ms), p95Ms: known(status.latency_p95_ms) },
    ...{ scale: known(status.scale), scaleSource: status.scale_source, lambda: known(status.dc_lambda) },
  };
}

/** The state of an adaptation as the page shows it. */
export function adaptationOf({
  state,
  bag,
  message,
  elapsed_s,
}: AdaptationStatus): Omit<ToPage & { op: 'adaptation' }, 'op'> {
  const [name = 'UNKNOWN'] = Object.entries(ADAPTATION_STATE).find(([, number]) => number === state) ?? [];
  const progress = state === ADAPTATION_STATE.RUNNING ? progressOf(message) : null;
  return { state: name.toLowerCase(), bag, message, elapsedS: elapsed_s, progress };
}

/** How far the phase is that a line of `rxdepth adapt` tells of, 0..1: "35 % of the budget", "judged 20 of 80 triplets". */
export function progressOf(message: string): number | null {
  const [, percent] = /(\d+(?:\.\d+)?) % of/.exec(message) ?? [];
  const [, done, all] = /(\d+) of (\d+)/.exec(message) ?? [];
  const share = percent === undefined ? Number(done) / Number(all) : Number(percent) / 100;
  return share >= 0 && share <= 1 ? share : null;
}

/** What a node's /diagnostics say is wrong; undefined when they are those of other nodes. */
export function troublesOf({ status }: DiagnosticArray, node: string): readonly string[] | undefined {
  const own = status.filter(({ name }) => name.startsWith(`${node}: `));
  if (own.length === 0) return undefined;
  const texts = own.filter(({ level }) => level > DIAGNOSTIC_LEVEL.OK).map(({ message }) => message);
  // The first entry says the worst of the others again.
  return [...new Set(texts)];
}

/** JSON has no NaN. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
