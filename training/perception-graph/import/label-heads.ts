import { CITYSCAPES_CLASSES, type SemanticClass, UNLABELLED } from '../../../models/class-table.js';
import { quoteUntrusted } from '../../../msgs/quote-untrusted.js';
import { trainIdsOf } from '../../datasets/cityscapes/train-ids.js';
import { TrainingError } from '../../errors.js';
import type { SegmentationImport } from './import-schema.js';

/** One output that tells classes. */
export interface LabelHead
  extends Pick<SegmentationImport, 'output' | 'values' | 'layout' | 'threshold' | 'masks'> {
  /** Class of each of its numbers, or channels; UNLABELLED: knowingly none. Others it must not give. */
  readonly classOf: ReadonlyMap<number, number>;
  /** Class where no channel reaches the threshold. */
  readonly background: number;
}

/** Cityscapes' ids go from -1 (licence plate) to 33. */
const CITYSCAPES_IDS = Uint8Array.from({ length: 34 }, (_, id) => id);

/**
 * The classes that a description lists, and what each number of each output means.
 * @throws TrainingError where the description contradicts itself.
 */
export function labelHeads(segmentation: SegmentationImport): {
  readonly classes: readonly SemanticClass[];
  readonly heads: readonly LabelHead[];
} {
  const classes = classTable(segmentation.classes);
  const { heads } = segmentation;
  if (heads === undefined) return { classes, heads: [singleHead(segmentation, classes)] };
  if (segmentation.output !== undefined || segmentation.ignore.length > 0)
    throw new TrainingError(
      'with `heads` it has no `output` and `ignore` of its own; `labels` of a head says null for no class',
    );
  return {
    classes,
    heads: heads.map((head) => {
      const classOf = new Map(
        head.labels.map((name, label) => [label, name === null ? UNLABELLED : indexOf(classes, name)]),
      );
      if (head.background === undefined && head.labels.every((name) => name === null))
        throw new TrainingError(
          `every label of the head \`${head.output ?? ''}\` is null: it names no class; leave it out`,
        );
      return { ...head, classOf, background: backgroundOf(head, classes) };
    }),
  };
}

function singleHead(segmentation: SegmentationImport, classes: readonly SemanticClass[]): LabelHead {
  const { classes: given, ignore } = segmentation;
  const background = backgroundOf(segmentation, classes);
  const classOf = new Map<number, number>(ignore.map((label) => [label, UNLABELLED]));
  const add = (label: number, index: number): void => {
    if (classOf.has(label))
      throw new TrainingError(
        `the network's ${label} is said to be two things; name it once, in \`classes\` or in \`ignore\``,
      );
    classOf.set(label, index);
  };
  if (given === 'cityscapes-ids') {
    for (const [id, trainId] of trainIdsOf(CITYSCAPES_IDS).entries()) add(id, trainId);
    add(-1, UNLABELLED);
    return { ...segmentation, classOf, background };
  }
  const numbered =
    given === 'cityscapes'
      ? []
      : given.map((entry) => (typeof entry === 'string' ? undefined : entry.labels));
  const isNumbered = numbered.some((labels) => labels !== undefined);
  let next = 0;
  for (const index of classes.keys()) {
    if (index === background) continue;
    const labels = numbered[index];
    if (isNumbered) {
      if (labels === undefined)
        throw new TrainingError(
          `class \`${classes[index].name}\` has no \`labels\`, as others have; give each its own`,
        );
      for (const label of [labels].flat()) add(label, index);
      continue;
    }
    while (classOf.has(next)) next += 1;
    add(next, index);
  }
  return { ...segmentation, classOf, background };
}

function backgroundOf(
  { values, background }: Pick<SegmentationImport, 'values' | 'background'>,
  classes: readonly SemanticClass[],
): number {
  if (background === undefined) return UNLABELLED;
  if (values !== 'probability' && values !== 'sigmoid')
    throw new TrainingError(
      '`background` goes with `values: probability` or `values: sigmoid`, whose channels have a threshold',
    );
  return indexOf(classes, background);
}

function indexOf(classes: readonly SemanticClass[], name: string): number {
  const index = classes.findIndex((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  const known = classes.map((entry) => `\`${entry.name}\``).join(', ');
  throw new TrainingError(`there is no class \`${name}\`; \`classes\` has ${known}`);
}

/** What is not looked for is no colour. */
const NOTHING = /^(background|void|unlabell?ed|none)$/i;
const BLACK = [0, 0, 0] as const;

/** The class table that a description gives; colours and dynamics of Cityscapes' names are known. */
function classTable(classes: SegmentationImport['classes']): readonly SemanticClass[] {
  const given = typeof classes === 'string' ? CITYSCAPES_CLASSES.map(({ name }) => name) : classes;
  checkNames(given.map((entry) => (typeof entry === 'string' ? entry : entry.name)));
  return given.map((entry, index) => {
    const { name, color, dynamic } =
      typeof entry === 'string' ? { name: entry, color: undefined, dynamic: undefined } : entry;
    const known = CITYSCAPES_CLASSES.find((candidate) => candidate.name === name.toLowerCase());
    return {
      name,
      color: color ?? known?.color ?? (NOTHING.test(name) ? BLACK : distinctColor(index)),
      dynamic: dynamic ?? known?.dynamic ?? false,
    };
  });
}

/** Names tell classes apart, in evaluations, judgements and `heads`: whatever their case is. */
function checkNames(names: readonly string[]): void {
  const known = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name.trim() !== name || name === '' || quoteUntrusted(name, Number.POSITIVE_INFINITY) !== name)
      throw new TrainingError(
        `\`classes[${index}]\` is \`${quoteUntrusted(name)}\`; expected a name on one line, without spaces around it`,
      );
    const earlier = known.get(name.toLowerCase());
    if (earlier !== undefined)
      throw new TrainingError(
        `\`classes\` names \`${quoteUntrusted(name)}\` twice, as ${earlier} and ${index}; where several numbers are one class, give them as its \`labels\`: { name: ${quoteUntrusted(name)}, labels: [${earlier}, ${index}] }`,
      );
    known.set(name.toLowerCase(), index);
  }
}

/** Colours far apart for neighbouring indices: each bit of the index goes to the highest free bit of a channel. */
function distinctColor(index: number): [number, number, number] {
  const color: [number, number, number] = [0, 0, 0];
  for (let bit = 0, rest = index + 1; rest > 0; bit++, rest >>= 1) {
    if (rest & 1) color[bit % 3] |= 128 >> Math.floor(bit / 3);
  }
  return color;
}
