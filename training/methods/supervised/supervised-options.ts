import { z } from 'zod';
import { TrainingError } from '../../errors.js';
import {
  COMPACT_NETWORK,
  efficientNetwork,
  NARROW_NETWORK,
  PAPER_NETWORK,
  type SgdepthNetworkOptions,
} from '../../networks/sgdepth-network.js';
import { option, optionWith } from '../../runs/option.js';
import { parseSize } from '../../runs/parse-size.js';
import { RUN_OPTIONS } from '../../runs/run-options.js';
import { sizeFlag } from '../../runs/size-flag.js';

export const SUPERVISED_NETWORKS = {
  compact: COMPACT_NETWORK,
  narrow: NARROW_NETWORK,
  paper: PAPER_NETWORK,
  efficient: efficientNetwork('efficientnet-lite0'),
  'efficient-1': efficientNetwork('efficientnet-lite1'),
  'efficient-2': efficientNetwork('efficientnet-lite2'),
} as const satisfies Readonly<Record<string, SgdepthNetworkOptions>>;

const side = z.number().int().positive().multipleOf(32);
const stage = z.strictObject({
  width: side,
  height: side,
  steps: z.number().int().positive(),
  /** A second shape, which every fourth batch has. */
  second: z.strictObject({ width: side, height: side }).optional(),
});
export type Stage = z.infer<typeof stage>;
const STAGES = '320x96+224x128:5000,416x128+288x160:1800,640x192+448x256:800';

export const SUPERVISED_OPTIONS = z
  .strictObject({
    preset: option(
      z.enum(['compact', 'narrow', 'paper', 'efficient', 'efficient-1', 'efficient-2']).default('compact'),
      {
        help: 'network: `compact` (CPU), `narrow` (half of it), `paper` (ResNet-18), or `efficient`, `efficient-1`, `efficient-2` (EfficientNet-Lite0 to 2, for --init-encoder)',
      },
    ),
    domain: option(z.string().default('wide'), {
      argument: 'name',
      help: 'simulator domain; several as DOMAIN:SAMPLES,...,DOMAIN',
    }),
    samples: option(z.number().int().positive().default(6000), { help: 'rendered samples' }),
    validation: option(z.number().int().positive().default(64), { help: 'how many of them are held out' }),
    sampleWidth: option(z.number().int().positive().default(704), {
      ...sizeFlag('sample-size', 'sampleWidth', 'sampleHeight'),
      ...{ help: 'size in pixels at which samples are rendered', otherwise: '704x224' },
    }),
    sampleHeight: optionWith(z.number().int().positive().default(224), 'sampleWidth'),
    batchSize: option(z.number().int().positive().default(8), { flag: 'batch', help: 'images a batch' }),
    /** Trained one after another; the network is fully convolutional, its depth is tied to the canonical focal length. */
    stages: option(
      z
        .array(stage)
        .min(1)
        .default(() => parseStages(STAGES)),
      {
        argument: 'list',
        help: 'WIDTHxHEIGHT[+WIDTHxHEIGHT]:STEPS, trained one after another; every fourth batch has the second shape',
        otherwise: STAGES,
        parse: parseStages,
        format: formatStages,
      },
    ),
    learningRate: option(z.number().positive().default(1e-3), {
      help: 'peak learning rate; warms up, then falls by a cosine',
    }),
    encoderRate: option(z.number().nonnegative().default(1), {
      help: "the encoder's learning rate as a share of the others'",
    }),
    weightDecay: option(z.number().nonnegative().default(1e-4), { help: 'decoupled weight decay' }),
    segmentationWeight: option(z.number().nonnegative().default(0.1), {
      help: 'weight of the cross-entropy beside the depth loss',
    }),
    augmentation: option(z.enum(['strong', 'scene', 'scene+style', 'sgdepth', 'none']).default('strong'), {
      help: 'random changes of colour: `strong`, `scene` (strong, with shadows, weather and wear drawn from depth and classes), `scene+style` (a third of them painted, hatched or printed besides), the milder ones of the paper `sgdepth`, or `none`; pictures are always cropped and mirrored',
    }),
    learn: option(z.enum(['all', 'confidence']).default('all'), {
      help: '`all`, or `confidence`: that head alone, beside networks that stay as --init gives them bit by bit',
    }),
    // Of runs that were saved without a word about it there is none.
    confidence: option(z.boolean().default(false), {
      help: 'leave out the head that says how far the depth may be trusted; `paper` has none',
    }),
    ...RUN_OPTIONS,
  })
  .refine(({ learn, confidence }) => confidence || learn !== 'confidence', {
    path: ['learn'],
    message:
      'expected a network with a confidence head: leave out `--no-confidence`, or name another preset than `paper`',
  })
  .refine(({ samples, validation }) => validation < samples, {
    path: ['validation'],
    message: 'expected fewer held-out samples than `samples`, so that some are left to train on',
  });

export type SupervisedOptions = z.infer<typeof SUPERVISED_OPTIONS>;

/** `320x96+224x128:4000,640x192:500`: WIDTHxHEIGHT[+SECOND]:STEPS. @throws TrainingError when it reads otherwise. */
export function parseStages(text: string): Stage[] {
  return text.split(',').map((part) => {
    const [, first = '', second, steps] = /^(\d+x\d+)(?:\+(\d+x\d+))?:(\d+)$/.exec(part.trim()) ?? [];
    if (steps === undefined) {
      throw new TrainingError(
        `expected stages as \`WIDTHxHEIGHT[+WIDTHxHEIGHT]:STEPS,...\`, got \`${part}\``,
      );
    }
    return {
      ...parseSize(first),
      steps: Number(steps),
      ...(second !== undefined && { second: parseSize(second) }),
    };
  });
}

function formatStages(stages: readonly Stage[]): string {
  return stages
    .map(({ width, height, second, steps }) => {
      const other = second === undefined ? '' : `+${second.width}x${second.height}`;
      return `${width}x${height}${other}:${steps}`;
    })
    .join();
}

/** The stage that the weights after `step` steps were last trained at. */
export function stageOf({ stages }: Pick<SupervisedOptions, 'stages'>, step: number): Stage {
  let end = 0;
  for (const stage of stages) {
    end += stage.steps;
    if (step <= end) return stage;
  }
  return stages[stages.length - 1]; // there is at least one
}
