import type { LoadedModel } from '../../models/model-store.js';
import { median } from '../../vision/median.js';
import { type LiveOutcome, live } from './live.js';
import { runningAdaptation } from './running-adaptation.js';

export interface NightOutcome {
  readonly alone: readonly LiveOutcome[];
  readonly beside: readonly LiveOutcome[];
  /** Steps of learning within the turns beside. */
  readonly steps: number;
  /** Resident memory of the node after each turn, MB. */
  readonly memory: readonly number[];
}

/**
 * The node's pipeline at a camera's pace, by turns alone and beside an adaptation, which is stopped (SIGSTOP) for the turns alone.
 * @param turnSeconds of a turn. @param minutes of all turns together. @param home $RXDEPTH_HOME of the adaptation, which keeps its samples there
 */
export async function nightOfAdaptation(options: {
  readonly model: LoadedModel;
  readonly pictures: readonly Uint8Array[];
  readonly hz: number;
  readonly drive: string;
  readonly home: string;
  readonly minutes: number;
  readonly turnSeconds: number;
  readonly say: (text: string) => void;
}): Promise<NightOutcome> {
  const { model, pictures, hz, drive, home, minutes, turnSeconds, say } = options;
  // More steps and minutes than the turns last: it learns all along.
  const adaptation = await runningAdaptation(drive, home, ['--minutes', '600', '--steps', '2000']);
  const [alone, beside]: [LiveOutcome[], LiveOutcome[]] = [[], []];
  const memory: number[] = [];
  let steps = 0;
  const turn = () => live({ models: [model, model], pictures, hz, swaps: 0, seconds: turnSeconds });
  const text = ({ framesIn, framesOut, dropped, failed, p50Ms, p95Ms }: LiveOutcome) =>
    `${framesOut} of ${framesIn} frames, ${dropped} dropped, ${failed} failed, ${p50Ms.toFixed(0)} ms (95 %: ${p95Ms.toFixed(0)} ms)`;
  try {
    const endMs = performance.now() + 60_000 * minutes;
    while (performance.now() < endMs) {
      adaptation.pause();
      alone.push(await turn());
      adaptation.resume();
      const before = adaptation.steps();
      beside.push(await turn());
      steps += adaptation.steps() - before;
      memory.push(process.memoryUsage.rss() / 1e6);
      say(
        `alone: ${text(alone[alone.length - 1])}; beside: ${text(beside[beside.length - 1])}; ${steps} steps learned`,
      );
    }
  } finally {
    await adaptation.stop();
  }
  return { alone, beside, steps, memory };
}

/** Of all turns: share of the frames that came out, median of the turns' delays, and what failed. */
export function nightText(title: string, turns: readonly LiveOutcome[]): string {
  const sum = (of: (turn: LiveOutcome) => number) => turns.reduce((total, turn) => total + of(turn), 0);
  const middle = (of: (turn: LiveOutcome) => number) => median(turns.map(of)).toFixed(0);
  const seconds = sum((turn) => turn.seconds);
  return (
    `${title}: ${sum((turn) => turn.framesOut)} of ${sum((turn) => turn.framesIn)} frames in ${(seconds / 60).toFixed(1)} minutes, ` +
    `${sum((turn) => turn.dropped)} dropped, ${sum((turn) => turn.failed)} failed; from picture to results ` +
    `${middle((turn) => turn.p50Ms)} ms (95 %: ${middle((turn) => turn.p95Ms)} ms, longest gap ${middle((turn) => turn.longestGapMs)} ms)`
  );
}
