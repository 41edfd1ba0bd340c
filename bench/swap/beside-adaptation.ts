import path from 'node:path';
import { measureReplay } from '../measure-replay.js';
import { runningAdaptation } from './running-adaptation.js';

export interface BesideOutcome {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
}

/**
 * Frames a second of a replay, by turns alone and beside an adaptation; for the turns alone it is stopped (SIGSTOP).
 * @param drive that is adapted to. @param home an empty $RXDEPTH_HOME.
 */
export async function besideAdaptation(options: {
  readonly bag: string;
  readonly drive: string;
  readonly folder: string;
  readonly home: string;
  readonly model: string;
  readonly rounds: number;
  readonly say: (text: string) => void;
}): Promise<BesideOutcome> {
  const { bag, drive, folder, home, model, rounds, say } = options;
  const output = path.join(folder, 'output');
  const fps = async () => (await measureReplay({ bag, output, model, pointsStride: 4 })).rate.fps;
  const adaptation = await runningAdaptation(drive, home, ['--minutes', '30']);
  say('the adaptation learns');
  const [alone, beside]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      adaptation.pause();
      alone.push(await fps());
      adaptation.resume();
      beside.push(await fps());
      say(`round ${round + 1}: ${alone.at(-1)?.toFixed(2)} fps alone, ${beside.at(-1)?.toFixed(2)} beside`);
    }
  } finally {
    await adaptation.stop();
  }
  return { alone, beside };
}
