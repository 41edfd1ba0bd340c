import { z } from 'zod';
import type { EvaluationFacts } from '../evaluation-facts.js';
import type { FleetTask } from './fleet-task.js';
import { PROBLEM, problemText } from './problem-text.js';

/** JSON has no NaN: it is null there. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const REPORT = z.object({
  problems: z.array(PROBLEM).optional(),
  depth: z.object({ images: z.array(z.record(z.string(), z.union([z.string(), figure]))) }).optional(),
  segmentation: z
    .object({ classSets: z.array(z.object({ classSet: z.string(), meanIou: figure, pixels: z.number() })) })
    .optional(),
});

/** Figures that are means over images; a ratio has no mean. */
const MEANT = (name: string) => name !== 'name' && name !== 'ratio' && name !== 'pixels';

/** A model against the truth that a bag holds. */
export const EVALUATE_TASK: FleetTask = {
  command: 'evaluate',
  hasOutput: false,
  refused: [
    ...['--dataset', '--model', '--json', '--truth', '--pictures', '--panel-every', '--overwrite', '--split'],
    '--against',
  ],
  arguments({ bags: [bag = ''], model, flags }, { result }) {
    const query = flags.find((flag) => !flag.startsWith('-') && flag.startsWith(TRUTH));
    const dataset = `bag:${bag}${query === undefined ? '' : `?${query.slice(TRUTH.length)}`}`;
    return [
      ...['evaluate', '--dataset', dataset, '--model', model, '--json', result],
      ...flags.filter((flag) => flag !== query),
    ];
  },
  read(json) {
    const { problems = [], depth, segmentation } = REPORT.parse(json);
    const images = depth?.images ?? [];
    const sums: Record<string, number> = {};
    for (const image of images) {
      for (const [name, value] of Object.entries(image))
        if (typeof value === 'number' && MEANT(name)) sums[name] = (sums[name] ?? 0) + value;
    }
    const labels = Object.fromEntries(
      (segmentation?.classSets ?? [])
        .filter(({ meanIou }) => Number.isFinite(meanIou))
        .map(({ classSet, meanIou, pixels }) => [classSet, { bags: 1, sum: meanIou, pixels }]),
    );
    const facts: EvaluationFacts = { images: images.length, sums, labels };
    return { missing: problems.map(problemText), facts };
  },
};

/** Begin of the flag that carries the options of `bag:PATH?OPTIONS`; no flag of `evaluate` begins so. */
export const TRUTH = 'bag?';
