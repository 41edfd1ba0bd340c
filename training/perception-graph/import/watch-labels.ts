import { TrainingError } from '../../errors.js';
import { areScoresLast, checkScores } from './foreign-map.js';
import { CLASS_TOLERANCE, expectedScores } from './imported-labels.js';
import type { ImportedNetwork } from './imported-network.js';
import type { LabelHead } from './label-heads.js';
import { SeenNumbers } from './seen-numbers.js';
import {
  checkExtents,
  checkRank,
  mapNumbers,
  type SeenOutput,
  type WatchedOutput,
} from './watched-output.js';

/** More numbers than this are not listed. */
const MOST_LISTED = 12;
/** How far a number may lie beside 0..1 and still be a probability. */
const ROUNDING = 0.01;

/** What a description says of a segmentation network's outputs. */
export function watchLabels(network: ImportedNetwork, heads: readonly LabelHead[]): WatchedOutput[] {
  return heads.flatMap((head) => {
    if (head.values === 'classes') return [watchClasses(network, head)];
    if (head.values === 'queries') return [];
    return [watchScores(network, head)];
  });
}

/** Every number must be a class of the description, or ignored. */
function watchClasses(network: ImportedNetwork, head: LabelHead): WatchedOutput {
  const output = network.output(head.output);
  const numbers = new Set<number>();
  return {
    network,
    output,
    see(seen) {
      for (const number of mapNumbers(seen, output, { layout: head.layout }, network)) numbers.add(number);
    },
    isSure: () => false,
    judge() {
      checkNumbers(numbers, `${network.file}: output \`${output.name}\``, head);
      return [];
    },
  };
}

function checkNumbers(numbers: ReadonlySet<number>, of: string, { classOf }: LabelHead): void {
  const between = [...numbers].find((number) => !(Math.abs(number - Math.round(number)) < CLASS_TOLERANCE));
  if (between !== undefined) {
    throw new TrainingError(
      `${of}: \`values: classes\`: it gives numbers such as ${between.toPrecision(3)}, which are no classes. ` +
        'Scores are `values: logits`; one channel of probabilities, or of scores before a sigmoid, is `values: probability` or `values: sigmoid`.',
    );
  }
  const unknown = [...new Set([...numbers].map(Math.round))]
    .filter((label) => !classOf.has(label))
    .sort((a, b) => a - b);
  if (unknown.length === 0) return;
  const known = [...classOf.keys()].sort((a, b) => a - b);
  const more = unknown.length > MOST_LISTED ? `, ... (${unknown.length})` : '';
  throw new TrainingError(
    `${of}: \`values: classes\`: it gives ${unknown.slice(0, MOST_LISTED).join(', ')}${more}, which the description does not know; it has ${known[0]} to ${known.at(-1)}. ` +
      "List every class, or name what is none in `ignore`. Cityscapes' ids 0 to 33 are `classes: cityscapes-ids`.",
  );
}

/** Scores, of which a network has as many as the description, and which are what it says. */
function watchScores(network: ImportedNetwork, head: LabelHead): WatchedOutput {
  const output = network.output(head.output);
  const { values } = head;
  const numbers = new SeenNumbers();
  const text = `${network.file}: output \`${output.name}\``;
  return {
    network,
    output,
    see(seen) {
      numbers.add(scoreNumbers(seen, network, head));
    },
    isSure: () => values === 'logits' && numbers.finite > 0,
    judge() {
      if (numbers.finite === 0)
        throw new TrainingError(
          `${text} gives ${numbers} for every pixel of the trial's pictures, from which no class follows; check \`input\`, and the network itself`,
        );
      const isShare = numbers.least >= -ROUNDING && numbers.most <= 1 + ROUNDING;
      if (values === 'probability' && !isShare)
        return [
          `warning: ${text} gives numbers of ${numbers}, which are no probabilities; \`values: sigmoid\` takes scores before a sigmoid, \`values: logits\` those of which the best counts`,
        ];
      return values === 'sigmoid' && isShare
        ? [
            `warning: ${text} gives numbers of ${numbers}: if these are probabilities already, say \`values: probability\``,
          ]
        : [];
    },
  };
}

function scoreNumbers(seen: SeenOutput, network: ImportedNetwork, head: LabelHead): Float32Array {
  const declared = network.output(head.output);
  const expected = expectedScores(head);
  if (expected.count === 1) return mapNumbers(seen, declared, { layout: head.layout }, network);
  checkRank(seen, declared);
  const channelsLast = areScoresLast(declared.shape ?? seen.shape, expected);
  checkScores(seen, expected, channelsLast);
  checkExtents(seen, seen.shape.length - (channelsLast ? 3 : 2));
  return seen.numbers;
}
