import path from 'node:path';
import { ModelRunner } from '../../models/model-runner.js';
import { readManifest } from '../../models/model-store.js';
import { TrainingError } from '../errors.js';
import type { AdaptationMethod, EarlierLearning, LearningContext } from './adaptation-method.js';
import type { Drives } from './drive/survey-drives.js';
import type { LearnedModel } from './judge/contenders.js';

/**
 * Methods one after another, each from what the one before it learned, with equal shares of time and steps. Those that have
 * nothing to learn from the drives are left out.
 * @param methods at least two, in the order of learning.
 */
export function severalMethods(methods: readonly AdaptationMethod[]): AdaptationMethod {
  const able = (drives: Drives) => methods.filter((method) => method.refusal(drives) === undefined);
  return {
    name: methods.map(({ name }) => name).join(),
    learnsFrom: [...new Set(methods.map(({ learnsFrom }) => learnsFrom))].join(' and '),
    needsMotion: methods.every(({ needsMotion }) => needsMotion),
    usesTeachers: methods.some(({ usesTeachers }) => usesTeachers),
    improves: [...new Set(methods.flatMap(({ improves }) => improves))],
    refusal: (drives) =>
      able(drives).length > 0
        ? undefined
        : methods.map((method) => `${method.name}: ${method.refusal(drives)}`).join('; '),
    targets(drives) {
      const targets = able(drives).map((method) => method.targets(drives));
      return {
        learn: Math.max(...targets.map(({ learn }) => learn)),
        judge: Math.max(...targets.map(({ judge }) => judge)),
      };
    },
    learn: (context) => learnInTurn(methods, able(context.drives), context),
  };
}

async function learnInTurn(
  methods: readonly AdaptationMethod[],
  able: readonly AdaptationMethod[],
  context: LearningContext,
): Promise<readonly LearnedModel[] | undefined> {
  const { options, drives, parent } = context;
  for (const method of methods.filter((each) => !able.includes(each)))
    options.report(`${method.name} is left out: ${method.refusal(drives)}`);
  const learned: LearnedModel[] = [];
  let before: EarlierLearning | undefined;
  for (const [i, method] of able.entries()) {
    const { learn } = method.targets(drives);
    options.report(`${method.name} learns from ${learn} ${method.needsMotion ? 'triplets' : 'pictures'}`);
    const steps = options.steps === undefined ? undefined : shareOf(options.steps, i, able.length);
    if (steps === 0) {
      throw new TrainingError(
        `--steps: expected at least \`${able.length}\`, one for each of ${able.map(({ name }) => name).join(', ')}; got ${options.steps}.`,
        { field: '--steps' },
      );
    }
    const last = learned[learned.length - 1];
    const from = last === undefined ? parent : await ModelRunner.open(last.folder, options.threads);
    try {
      const found = await method.learn({
        ...context,
        options: { ...options, steps },
        parent: from,
        share: 1 / (able.length - i),
        ...(before && { before }),
        logFile: path.join(options.work.folder, `log-${method.name}.csv`),
      });
      if (found === undefined) return undefined;
      learned.push(...found);
    } finally {
      if (from !== parent) await from.close();
    }
    const latest = learned[learned.length - 1];
    const { manifest } = parent;
    const { provenance } = await readManifest(latest.folder);
    before = {
      ...{ method: provenance.method, steps: latest.steps },
      parent: `${manifest.name}/${manifest.version}`,
    };
  }
  return learned;
}

/** The i-th of `count` equal shares of the steps. */
function shareOf(steps: number, i: number, count: number): number {
  return Math.floor(((i + 1) * steps) / count) - Math.floor((i * steps) / count);
}
