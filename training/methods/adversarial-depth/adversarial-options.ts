import { z } from 'zod';
import type { Length, MethodChoices } from '../../runs/method.js';
import { option } from '../../runs/option.js';
import { parseNumber } from '../../runs/parse-number.js';
import { DATA_SEED, RUN_OPTIONS } from '../../runs/run-options.js';
import { sizeOptions } from '../../runs/size-options.js';

const side = z.number().int().positive().multipleOf(8);
const whole = z.number().int().positive();
const MOST_LEVELS = 10;

export const ADVERSARIAL_OPTIONS = z
  .strictObject({
    preset: option(z.enum(['compact', 'paper']).default('compact'), {
      help: '`compact`: narrow networks on small pictures, for CPUs; `paper`: those of the paper',
    }),
    network: option(z.enum(['unet', 'crf']).default('unet'), {
      help: 'the generator: `unet`, or `crf` (CNN and CRF over superpixels)',
    }),
    paired: option(z.string().default('simulator:town-clean'), {
      argument: 'data',
      help: 'pictures with true depth: bag:PATH[?lidar=TOPIC&depth=TOPIC&image=TOPIC&camera_info=TOPIC&validation=N], simulator:DOMAIN[?samples=N&validation=N], nyuv2:ROOT, make3d:ROOT, kitti-raw:ROOT[?split=FILE&truth=...] kitti-2015:ROOT or virtual-kitti:ROOT, each with ?validation=N',
    }),
    adversarial: option(z.boolean().default(true), {
      help: 'no discriminator: what the paper compares with',
    }),
    ...sizeOptions(side, ['width', 'height'], {
      ...{ flag: 'size', help: "size of the network's pictures" },
      otherwise: '256x256 for paper, else 192x64',
    }),
    dataSeed: DATA_SEED,
    /** Half of it at the full rate, then a line down to 0. */
    length: option(
      z.union([
        z.strictObject({ steps: whole }),
        z.strictObject({ epochs: z.number().positive() }),
        z.strictObject({ minutes: z.number().positive() }),
      ]),
      {
        ...{ flag: 'steps', argument: 'n', otherwise: '4000; paper: 300 epochs' },
        help: 'training steps; the learning rate falls to 0 over the second half',
        parse: (text) => ({ steps: parseNumber(text) }),
        format: (length: Length) => ('steps' in length ? String(length.steps) : undefined),
      },
      {
        ...{ flag: 'epochs', argument: 'n', help: 'passes over the pictures instead of --steps' },
        parse: (text) => ({ epochs: parseNumber(text) }),
        format: (length: Length) => ('epochs' in length ? String(length.epochs) : undefined),
      },
      {
        ...{ flag: 'minutes', argument: 'n' },
        help: 'instead of --steps: about so long, by timing a few steps at the start',
        parse: (text) => ({ minutes: parseNumber(text) }),
        format: (length: Length) => ('minutes' in length ? String(length.minutes) : undefined),
      },
    ),
    batchSize: option(whole, { flag: 'batch', help: 'pictures a batch', otherwise: '8 for paper, else 4' }),
    learningRate: option(z.number().positive(), {
      help: "the generator's learning rate",
      otherwise: '2e-4',
    }),
    discriminatorRate: option(z.number().positive().default(4), {
      help: "the discriminator's learning rate as a multiple of the generator's",
    }),
    adversarialWeight: option(z.number().positive().default(1), { help: 'weight of the adversarial term' }),
    l1Weight: option(z.number().nonnegative().default(100), {
      help: 'weight of the L1 term (lambda of eq. 3)',
    }),
    filters: option(whole, {
      help: 'of the first convolution of the U-Net',
      otherwise: '64 for paper, else 24',
    }),
    levels: option(whole.min(2).max(MOST_LEVELS), {
      help: 'convolutions of stride 2 down to the bottleneck; width and height are multiples of 2^levels',
      otherwise: '8 for paper, else 5',
    }),
    norm: option(z.enum(['batch', 'instance', 'none']).default('batch'), {
      help: "the U-Net's normalisation beside the spectral one",
    }),
    dropout: option(z.number().min(0).max(0.9).default(0.5), {
      help: "share that is dropped at the U-Net's bottleneck",
    }),
    discriminatorFilters: option(whole, {
      help: 'of the first convolution of the discriminator',
      otherwise: '64 for paper, else 24',
    }),
    cell: option(whole, {
      help: 'height and width of the cells that superpixels start from, pixels',
      otherwise: '16 for paper, else 8',
    }),
    patch: option(whole, {
      help: 'height and width of the patches that the CNN of the CRF sees, 8, 16, 32, ...',
      otherwise: '64 for paper, else 32',
    }),
    patchScale: option(whole.default(2), { help: 'image pixels a pixel of a patch' }),
    unaryFilters: option(whole, {
      help: 'of the first convolution of the CNN of the CRF',
      otherwise: '64 for paper, else 16',
    }),
    weightPenalty: option(z.number().nonnegative().default(5e-4), {
      help: 'lambda_1 and lambda_2 of eq. 10',
    }),
    pool: option(z.number().int().nonnegative().default(50), {
      help: 'generated pairs that are kept for the discriminator',
    }),
    coding: option(z.enum(['linear', 'log']), {
      help: 'how depth becomes -1..1',
      otherwise: '`linear` for paper, else `log`',
    }),
    minMeters: option(z.number().positive().default(1), { help: 'least depth, metres' }),
    maxMeters: option(z.number().positive(), {
      help: 'largest depth, metres',
      otherwise: '10 for nyuv2, else 80',
    }),
    augmentation: option(z.enum(['strong', 'none']), {
      help: 'random changes of colour; pictures are always cropped and mirrored',
      otherwise: '`none` for paper, else `strong`',
    }),
    ...RUN_OPTIONS,
  })
  .superRefine(({ network, width, height, levels, cell, patch, minMeters, maxMeters }, { addIssue }) => {
    const refuse = (key: string, message: string) => addIssue({ code: 'custom', path: [key], message });
    const multiple = 2 ** levels;
    if (network === 'unet' && levels <= MOST_LEVELS && (width % multiple !== 0 || height % multiple !== 0)) {
      refuse(
        'width',
        `--size: expected multiples of \`${multiple}\` for ${levels} levels, got ${width}x${height}; give another size, or fewer \`--levels\``,
      );
    }
    if (network === 'crf' && (width % cell !== 0 || height % cell !== 0))
      refuse('width', `--size: expected multiples of the \`--cell\` ${cell}, got \`${width}x${height}\``);
    if (!Number.isInteger(Math.log2(patch / 4)) || patch < 8)
      refuse('patch', `--patch: expected \`8\`, 16, 32 or so on, got ${patch}`);
    if (minMeters >= maxMeters) {
      refuse(
        'minMeters',
        `--min-meters: expected less than \`--max-meters\` ${maxMeters}, got \`${minMeters}\``,
      );
    }
  });

export type AdversarialOptions = z.infer<typeof ADVERSARIAL_OPTIONS>;

/** Source: adversarial-depth, section 3.2; batch size and augmentation are not told. */
const PAPER: Partial<AdversarialOptions> = {
  ...{ width: 256, height: 256, length: { epochs: 300 }, batchSize: 8, learningRate: 2e-4 },
  ...{ filters: 64, levels: 8, discriminatorFilters: 64 },
  ...{ cell: 16, patch: 64, unaryFilters: 64 },
  ...{ coding: 'linear' as const, augmentation: 'none' as const },
};

const COMPACT: Partial<AdversarialOptions> = {
  ...{ width: 192, height: 64, length: { steps: 4000 }, batchSize: 4, learningRate: 2e-4 },
  ...{ filters: 24, levels: 5, discriminatorFilters: 24 },
  ...{ cell: 8, patch: 32, unaryFilters: 16 },
  ...{ coding: 'log' as const, augmentation: 'strong' as const },
};

export const ADVERSARIAL_PRESETS: Readonly<
  Record<AdversarialOptions['preset'], Partial<AdversarialOptions>>
> = { compact: COMPACT, paper: PAPER };

/** The depths of indoor pictures end at 10 m. */
export function adversarialDefaults({ paired }: Partial<AdversarialOptions>): Partial<AdversarialOptions> {
  const isIndoor = paired?.startsWith('nyuv2:') === true;
  return { maxMeters: isIndoor ? 10 : 80, ...(isIndoor && { minMeters: 0.5 }) };
}

/** What can be said of a run. */
export const ADVERSARIAL_CHOICES: MethodChoices<AdversarialOptions> = {
  options: ADVERSARIAL_OPTIONS,
  presets: ADVERSARIAL_PRESETS,
  defaults: adversarialDefaults,
};
