import { z } from 'zod';
import {
  ATTENTION,
  DEPTH,
  type S2rDepthnetOptions,
  SEGMENTER,
  STRUCTURE_DECODER,
  STRUCTURE_ENCODER,
} from '../../networks/s2r-depthnet.js';
import type { Length, MethodChoices } from '../../runs/method.js';
import { type Flag, option } from '../../runs/option.js';
import { parseNumber } from '../../runs/parse-number.js';
import { DATA_SEED, RUN_OPTIONS } from '../../runs/run-options.js';
import { sizeOptions } from '../../runs/size-options.js';
import { COMPACT_S2R, NARROW_S2R, PAPER_S2R } from './s2r-presets.js';
import { DISCRIMINATORS, GENERATORS, type TranslationOptions } from './translation-loss.js';

const PRESETS = { compact: COMPACT_S2R, narrow: NARROW_S2R, paper: PAPER_S2R };

/** Steps of the training, in order. Source: S2R-DepthNet, section 3.4. */
export const S2R_PHASES = ['translation', 'structure', 'attention'] as const;
export type S2rPhase = (typeof S2R_PHASES)[number];

const side = z.number().int().positive().multipleOf(32);
const length = z.union([
  z.strictObject({ steps: z.number().int().positive() }),
  z.strictObject({ epochs: z.number().positive() }),
]);

/** `--NAME-steps` and `--NAME-epochs`. */
function lengthOption(name: S2rPhase, what: string, otherwise: string) {
  const flag = (unit: 'steps' | 'epochs', help: string, extra: Pick<Flag, 'otherwise'> = {}): Flag => ({
    ...{ flag: `${name}-${unit}`, argument: 'n', help, ...extra },
    parse: (text) => ({ [unit]: parseNumber(text) }),
    format: (given: Length) => {
      const said = Object.entries(given).find(([name]) => name === unit);
      return said && String(said[1]);
    },
  });
  return option(
    length,
    flag('steps', `training steps of ${what}`, { otherwise }),
    flag('epochs', `passes over the source's samples instead of --${name}-steps`),
  );
}

const positive = (value: number) => z.number().nonnegative().default(value);

export const S2R_OPTIONS = z
  .strictObject({
    preset: option(z.enum(['compact', 'narrow', 'paper']).default('compact'), {
      help: 'networks: `compact` (CPU), `narrow` (half of it) or `paper`',
    }),
    source: option(z.string().default('simulator:town-clean?samples=2000'), {
      argument: 'data',
      help: 'pictures with depth: simulator:DOMAIN[?samples=N], or to fine-tune on a small part of the target bag:PATH?lidar=TOPIC[&validation=N] or a data set as kitti-raw:ROOT[?split=FILE]',
    }),
    validation: option(z.number().int().positive().default(40), {
      help: 'of simulated samples, how many are held out',
    }),
    style: option(z.string().default('procedural'), {
      argument: 'data',
      help: "step 1: the style set, pictures:FOLDER (paintings, photos), any other data of pictures, or `procedural`: the source's pictures, stylised anew whenever they are seen",
    }),
    phases: option(z.array(z.enum(S2R_PHASES)).min(1), {
      argument: 'list',
      help: 'steps of the training, comma between: `translation` (structure encoder), `structure` (structure decoder and depth), `attention` (attention and depth)',
      otherwise: 'all that the other options need; without `translation` after --init',
      parse: (text) => text.split(','),
      format: (phases: readonly string[]) => phases.join(','),
    }),
    input: option(z.enum(['structure', 'picture', 'edges', 'labels']).default('structure'), {
      help: 'what depth is predicted from: the structure map, or as in table 5 the picture itself, its Sobel edges, or a map of classes',
    }),
    attention: option(z.enum(['product', 'sum', 'concatenation', 'none']).default('product'), {
      help: 'how the attention map joins the structure map',
    }),
    ...sizeOptions(side, ['width', 'height'], {
      ...{ flag: 'size', help: "size of the network's pictures, multiples of 32" },
      otherwise: '640x192 for paper, else 192x64',
    }),
    ...sizeOptions(side, ['translationWidth', 'translationHeight'], {
      ...{ flag: 'translation-size', help: 'size of the pictures in step 1' },
      otherwise: '256x256 for paper, else 96x64',
    }),
    batchSize: option(z.number().int().positive(), {
      ...{ flag: 'batch', help: 'pictures a batch in steps 2 and 3', otherwise: '8 for paper, else 4' },
    }),
    translationBatch: option(z.number().int().positive().default(1), {
      help: 'pictures of the source, and of the style set, a batch in step 1',
    }),
    translation: lengthOption('translation', 'step 1', '1000000 for paper, else 2000'),
    structure: lengthOption('structure', 'step 2', '60 epochs for paper, else 2000'),
    attentionLength: lengthOption(
      'attention',
      'step 3; without attention step 2 lasts so much longer',
      '60 epochs for paper, else 2000',
    ),
    learningRate: option(z.number().positive(), {
      help: 'of steps 2 and 3; halved after every sixth of a step',
      otherwise: '1e-4 for paper, else 1e-3',
    }),
    translationRate: option(z.number().positive(), {
      help: 'of step 1; halved after every tenth of it',
      otherwise: '1e-4 for paper, else 4e-4',
    }),
    weightDecay: option(positive(1e-4), { help: 'decoupled weight decay' }),
    imageWeight: option(positive(10), { help: 'step 1: weight of restored pictures' }),
    contentWeight: option(positive(1), { help: 'step 1: weight of structure found again' }),
    styleWeight: option(positive(1), { help: 'step 1: weight of styles found again' }),
    cycleWeight: option(positive(0), { help: 'step 1: weight of pictures translated there and back' }),
    lambda: option(positive(1), { help: 'weight of the structure loss (eq. 1)' }),
    beta: option(positive(1e-3), { help: 'how soon steep depth frees structure (eq. 1)' }),
    gradientUnit: option(z.enum(['centimetres', 'normalised']).default('centimetres'), {
      help: "unit of the depth gradients of eq. 1: centimetres, as the paper's data are stored, or -1..1 as in its code, where every pixel weighs alike",
    }),
    gradientForm: option(z.enum(['sum', 'absolute']).default('sum'), {
      help: 'gradients of eq. 1: `sum`, |d_x D + d_y D| as printed, or `absolute`, |d_x D| + |d_y D| as in its code',
    }),
    maxMeters: option(z.number().positive().default(80), { help: 'depth that counts as farthest, metres' }),
    augmentation: option(z.enum(['paper', 'strong', 'scene', 'scene+style', 'none']).default('paper'), {
      help: 'random changes of colour in steps 2 and 3: `paper` (mild), those of `train supervised`, or `none`',
    }),
    dataSeed: DATA_SEED,
    ...RUN_OPTIONS,
    accumulate: option(RUN_OPTIONS.accumulate, {
      help: 'batches a step in steps 2 and 3: their gradients are averaged',
      otherwise: 'for paper as many as make 32 pictures, else 1',
    }),
  })
  .refine(
    ({ phases }) => phases.every((phase, i) => i === 0 || orderOf(phases[i - 1] ?? phase) < orderOf(phase)),
    {
      path: ['phases'],
      message: `expected some of \`${S2R_PHASES.join(',')}\`, in this order`,
    },
  )
  .refine(({ input, attention }) => input === 'structure' || attention === 'none', {
    path: ['attention'],
    message: 'expected `none`: only the structure map is attended to',
  })
  .refine(({ input, phases }) => input === 'structure' || phases.join() === 'structure', {
    path: ['phases'],
    message: 'expected `structure` alone: without the structure map there is no other step',
  })
  .refine(
    ({ input, attention, phases }) =>
      input !== 'structure' || attention !== 'none' || !phases.includes('attention'),
    {
      path: ['phases'],
      message: 'expected no `attention` step where `attention` is `none`',
    },
  )
  .refine(({ preset, height, width }) => preset !== 'paper' || Math.min(height, width) >= 96, {
    path: ['height'],
    message: "expected at least 96 pixels: the paper's dilated convolutions reach that far",
  });

export type S2rOptions = z.infer<typeof S2R_OPTIONS>;

const orderOf = (phase: S2rPhase) => S2R_PHASES.indexOf(phase);

const CPU = {
  ...{ width: 192, height: 64, translationWidth: 96, translationHeight: 64, batchSize: 4 },
  ...{ translation: { steps: 2000 }, structure: { steps: 2000 }, attentionLength: { steps: 2000 } },
  ...{ learningRate: 1e-3, translationRate: 4e-4 },
} as const;

export const S2R_RUN_PRESETS = {
  compact: CPU,
  narrow: CPU,
  paper: {
    ...{ width: 640, height: 192, translationWidth: 256, translationHeight: 256, batchSize: 8 },
    ...{ translation: { steps: 1_000_000 }, structure: { epochs: 60 }, attentionLength: { epochs: 60 } },
    ...{ learningRate: 1e-4, translationRate: 1e-4 },
  },
} as const satisfies Readonly<Record<S2rOptions['preset'], Partial<S2rOptions>>>;

/** Pictures of the paper's batch, which needs more than 24 GB at once. Source: S2R-DepthNet, section 4.1. */
const PAPER_BATCH = 32;

/** The steps that the others ask for, and the batches that make the paper's. */
export function s2rDefaults({
  preset,
  batchSize,
  input = 'structure',
  attention,
  parent,
}: Partial<S2rOptions>): Partial<S2rOptions> {
  const accumulate =
    preset === 'paper' && batchSize !== undefined ? Math.max(1, Math.round(PAPER_BATCH / batchSize)) : 1;
  if (input !== 'structure') return { accumulate, attention: 'none', phases: ['structure'] };
  const phases = S2R_PHASES.filter(
    (phase) =>
      !(phase === 'attention' && attention === 'none') && !(phase === 'translation' && parent !== undefined),
  );
  return { accumulate, phases };
}

/** How long step 2 lasts: where there is no step 3, its time too, so that the rows of table 5 learn equally long. */
export function structureLength({ structure, attention, attentionLength }: S2rOptions): Length {
  if (attention !== 'none') return structure;
  if ('steps' in structure && 'steps' in attentionLength) {
    return { steps: structure.steps + attentionLength.steps };
  }
  return 'epochs' in structure && 'epochs' in attentionLength
    ? { epochs: structure.epochs + attentionLength.epochs }
    : structure;
}

/** The networks that depth is predicted with. */
export function s2rNetworks({ preset, input, attention, maxMeters }: S2rOptions): S2rDepthnetOptions {
  return { ...PRESETS[preset].networks, input, attention, maxMeters };
}

/** The networks of step 1. */
export function translationNetworks({ preset }: S2rOptions): TranslationOptions {
  const { networks, translation } = PRESETS[preset];
  return { ...translation, structureEncoder: networks.structureEncoder };
}

/** Names of the networks that a run has: those of its steps, and those that its steps read. */
export function namesOfNetworks({ input, phases }: S2rOptions): string[] {
  if (input === 'labels') return [SEGMENTER, DEPTH];
  if (input !== 'structure') return [DEPTH];
  const has = (phase: S2rPhase) => phases.includes(phase);
  return [
    ...(has('translation') ? [...GENERATORS, ...DISCRIMINATORS] : [STRUCTURE_ENCODER]),
    ...(has('structure') || has('attention') ? [STRUCTURE_DECODER, DEPTH] : []),
    ...(has('attention') ? [ATTENTION] : []),
  ];
}

/** Networks that steps read and none trains. */
export function untrainedNetworks({ input, phases }: S2rOptions): string[] {
  if (input !== 'structure' || phases.includes('translation')) return [];
  return phases.includes('structure') ? [STRUCTURE_ENCODER] : [STRUCTURE_ENCODER, STRUCTURE_DECODER];
}

/** What can be said of a run. */
export const S2R_CHOICES: MethodChoices<S2rOptions> = {
  options: S2R_OPTIONS,
  presets: S2R_RUN_PRESETS,
  defaults: s2rDefaults,
};
