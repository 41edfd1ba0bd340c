import type { PictureModel } from '../../../models/model-runner.js';
import type { Contender } from './contenders.js';
import type { Glance, Judge, JudgeReport } from './judge.js';

/** What became of a contender. */
export interface ContenderReport {
  readonly name: string;
  readonly steps: number;
  readonly share: number;
  readonly distance: number;
  /** `passed over`: not judged in full, `reasons` say why. */
  readonly verdict: JudgeReport['verdict'] | 'passed over';
  readonly reasons: readonly string[];
  /** Mean gain at a glance; NaN where nobody looked. */
  readonly glance: number;
}

export interface Choice {
  /** The one that is promoted or, where none is, the most promising one. */
  readonly contender: Contender;
  readonly report: JudgeReport;
  /** All contenders, in the order in which they were judged. */
  readonly contenders: readonly ContenderReport[];
}

export interface ChooseOptions {
  readonly judge: Pick<Judge, 'glance' | 'judge' | 'hasGuards'>;
  /** The most promising first, at least one. */
  readonly contenders: readonly Contender[];
  open(contender: Contender): Promise<PictureModel & { close(): Promise<void> }>;
  /** Whether there is time for one more; the first is always judged. */
  hasTime(): boolean;
  readonly signal?: AbortSignal;
  report(line: string): void;
}

/** Judged in full at most: each further question to the same pictures is a chance more to be lucky. */
const MOST_JUDGED = 4;

/**
 * Finds the contender to promote: a glance at each, then full judgements in order until one is admissible. With other real
 * drives to ask, those that gain most over all drives come first, because what is learned by heart loses there. Without any,
 * the order stays.
 */
export async function chooseContender(options: ChooseOptions): Promise<Choice> {
  const { judge, contenders, open, report, signal } = options;
  const glances = new Map<Contender, Glance>();
  if (contenders.length > 1) {
    for (const contender of contenders) {
      if (signal?.aborted) break;
      if (glances.size > 0 && !options.hasTime()) break;
      const glance = await withModel(open, contender, (model) => judge.glance(model));
      glances.set(contender, glance);
      report(`${contender.name}: ${glance.finding}`);
    }
  }
  const isWrong = (contender: Contender) => (glances.get(contender)?.wrong.length ?? 0) > 0;
  const gainOf = (contender: Contender) => glances.get(contender)?.gain ?? Number.NEGATIVE_INFINITY;
  const promising = contenders.filter((contender) => !isWrong(contender));
  if (judge.hasGuards) promising.sort((a, b) => gainOf(b) - gainOf(a) || 0);
  // Somebody is judged in full in any case: a refusal needs its reasons.
  const order = promising.length > 0 ? promising : contenders.slice(-1);
  const judged = new Map<Contender, JudgeReport>();
  let chosen: Contender | undefined;
  let passing = '';
  for (const contender of order) {
    if (judged.size > 0) {
      if (signal?.aborted || !options.hasTime()) passing = 'there was no time left to judge it';
      else if (judged.size >= MOST_JUDGED) passing = `${MOST_JUDGED} were judged before it`;
      if (passing !== '') break;
    }
    report(`judging ${contender.name}`);
    const found = await withModel(open, contender, (model) => judge.judge(model));
    judged.set(contender, found);
    if (found.verdict === 'promoted') {
      chosen = contender;
      passing = `${contender.name} was found good before it`;
      break;
    }
    // What the pictures do not tell about one they tell about none.
    if (found.verdict === 'undecided') {
      passing = 'the drive does not say enough';
      break;
    }
  }
  const [first] = judged.keys();
  const contender = chosen ?? first;
  const verdictOf = (each: Contender): Pick<ContenderReport, 'verdict' | 'reasons'> => {
    const full = judged.get(each);
    if (full !== undefined) return { verdict: full.verdict, reasons: full.reasons };
    const wrong = glances.get(each)?.wrong ?? [];
    const reasons = wrong.map(({ name, finding }) => `${name}: ${finding}`);
    return { verdict: 'passed over', reasons: reasons.length > 0 ? reasons : [passing] };
  };
  const inOrder = [...order, ...contenders.filter((each) => !order.includes(each))];
  return {
    contender,
    report: judged.get(contender) as JudgeReport, // the first, or the one that was promoted
    contenders: inOrder.map((each) => {
      const { name, steps, share, distance } = each;
      return {
        ...{ name, steps, share, distance },
        ...verdictOf(each),
        glance: glances.get(each)?.gain ?? Number.NaN,
      };
    }),
  };
}

async function withModel<T>(
  open: ChooseOptions['open'],
  contender: Contender,
  use: (model: PictureModel) => Promise<T>,
): Promise<T> {
  const model = await open(contender);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}
