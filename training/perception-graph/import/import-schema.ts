import { z } from 'zod';

const positive = z.number().positive();
const extent = z.number().int().positive();
const byte = z.number().int().min(0).max(255);
const count = z.number().int().nonnegative();
const layout = z.enum(['NCHW', 'NHWC']);

/** No network takes images as large as these; a typing error does, and the memory with it. */
const MOST_PIXELS = 1 << 26;
const MOST_MULTIPLE = 1 << 12;
const TOO_LARGE = `expected at most ${MOST_PIXELS} pixels`;

/** One number stands for all channels. */
const channels = <T extends z.ZodType<number>>(number: T) =>
  z.preprocess(
    (value) => (typeof value === 'number' ? [value, value, value] : value),
    z.tuple([number, number, number]),
  );

const inputSchema = z.strictObject({
  /** Name of the ONNX input; may be left out where only one can be an image. */
  name: z.string().optional(),
  /** What the network was made for; may be left out where the file fixes it. */
  size: z
    .union([
      z
        .strictObject({ height: extent, width: extent })
        .refine(({ height, width }) => height * width <= MOST_PIXELS, TOO_LARGE),
      z.strictObject({ pixels: extent.max(MOST_PIXELS), multiple: extent.max(MOST_MULTIPLE) }),
    ])
    .optional(),
  fit: z.enum(['letterbox', 'stretch', 'crop']).default('letterbox'),
  /** Left out: as the file's extents say, else NCHW. */
  layout: layout.optional(),
  /** Left out: RGB, or grey where the file says that there is one channel. */
  channels: z.enum(['RGB', 'BGR', 'grey']).optional(),
  /**
   * The network is given (value / 255 - mean) / std, channel by channel in its own order. Left out: 0 and 1, and for inputs
   * of whole numbers such that they get 0..255, or -128..127 where they hold no more.
   */
  mean: channels(z.number()).optional(),
  std: channels(positive).optional(),
});

/** What the graph can tell a network of the camera, at the network's own resolution. */
export const CAMERA_QUANTITIES = [
  'intrinsics',
  'inverse-intrinsics',
  'normalized-intrinsics',
  'fx-fy-cx-cy',
  'focal-length',
  'rays',
  'height-width',
] as const;

const numbers = z.union([z.number(), z.boolean(), z.array(z.number()).min(1)]);

/** What another input than the image is fed with: something of the camera, or a constant. */
const feedSchema = z.union(
  [numbers, z.enum(CAMERA_QUANTITIES), z.strictObject({ value: numbers, shape: z.array(extent) })],
  {
    error: `expected a number, \`true\` or \`false\`, a list of numbers, \`{ value, shape }\`, or one of ${CAMERA_QUANTITIES.map((name) => `\`${name}\``).join(', ')}`,
  },
);
const feeds = z.record(z.string(), feedSchema).default({});

/** Where a map of one number a pixel is found. */
const place = {
  /** Name of the ONNX output; of a map beside the depth left out: the depth's. */
  output: z.string().optional(),
  /** Which of several channels. */
  channel: count.optional(),
  /** Left out: as the file's extents say. */
  layout: layout.optional(),
};

/** A map may be given as the name of its output alone. */
const named = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' ? { output: value } : value), schema);

/** How the numbers that a depth network gives become depth. */
const depthMeaning = z.discriminatedUnion('meaning', [
  /** sigma in 0..1: 1 / depth = (1 / minMeters - 1 / maxMeters) sigma + 1 / maxMeters. */
  z.strictObject({ meaning: z.literal('disparity'), minMeters: positive, maxMeters: positive }),
  /** 1 / depth, depth, its natural logarithm, or the distance along the ray, in units of `metersPerUnit` metres. */
  ...(['inverse-depth', 'depth', 'log-depth', 'distance'] as const).map((meaning) =>
    z.strictObject({ meaning: z.literal(meaning), metersPerUnit: positive.default(1) }),
  ),
  /** scale * output + shift is 1 / depth in 1/m, or depth in metres; without both the model stays relative. */
  ...(['affine-inverse-depth', 'affine-depth'] as const).map((meaning) =>
    z.strictObject({
      meaning: z.literal(meaning),
      scale: z.number().optional(),
      shift: z.number().optional(),
    }),
  ),
]);

const depthSchema = z.strictObject({
  /** ONNX file, relative to the description. */
  onnx: z.string().min(1),
  input: inputSchema.prefault({}),
  inputs: feeds,
  ...place,
  values: depthMeaning,
  /** Whether depth is in metres. */
  metric: z.boolean(),
  /** Name of an output of one number that the depth is multiplied by. */
  scale: z.string().optional(),
  /** How far the depth may be trusted. */
  confidence: named(
    z.strictObject({
      ...place,
      values: z.enum(['probability', 'logits', 'one-plus-exp', 'error']).default('probability'),
      /** It is the probability that the depth lies within this factor of the truth; left out: it orders pixels, no more. */
      within: z.number().gt(1).optional(),
    }),
  ).optional(),
  /** Where the depth holds: from `threshold` on. */
  mask: named(
    z.strictObject({
      ...place,
      threshold: z.number().default(0.5),
      outside: z.enum(['unknown', 'far']).default('unknown'),
    }),
  ).optional(),
  /** Where the sky is, infinitely far: from `threshold` on. */
  sky: named(z.strictObject({ ...place, threshold: z.number().default(0.5) })).optional(),
  /** Focal length, in network pixels, at which it is; left out: the depth does not depend on the camera. */
  canonicalFocalPixels: positive.optional(),
  /** Depth from here on counts as infinite, such as the sky's. */
  farMeters: positive.optional(),
});

const classSchema = z.strictObject({
  name: z.string().min(1),
  color: z.tuple([byte, byte, byte]).optional(),
  dynamic: z.boolean().optional(),
  /** The network's number, or numbers, of the class; left out: its place in the list. */
  labels: z.union([count, z.array(count).min(1)]).optional(),
});

/** How an output tells the classes. */
const head = {
  output: z.string().optional(),
  /**
   * `logits`: a score a class, of which the best counts. `classes`: the class itself. `probability`, `sigmoid`: a channel a
   * class, each for itself, as a probability or before the sigmoid. `queries`: masks and their classes (MaskFormer).
   */
  values: z.enum(['logits', 'classes', 'probability', 'sigmoid', 'queries']).default('logits'),
  /** Layout of the channels; default: as the file's extents say, else NCHW. */
  layout: layout.optional(),
  /** Probability from which on a channel counts. */
  threshold: z.number().gt(0).lt(1).default(0.5),
  /** Class of pixels where no channel reaches the threshold; left out: none. */
  background: z.string().optional(),
  /** Output with the masks of `queries`; `output` gives their classes. */
  masks: z.string().optional(),
};

const segmentationSchema = z.strictObject({
  onnx: z.string().min(1),
  /** Left out: as the depth network's, where both are one file. */
  input: inputSchema.optional(),
  inputs: feeds,
  ...head,
  classes: z.union(
    [
      z.enum(['cityscapes', 'cityscapes-ids']),
      z
        .array(z.union([z.string().min(1), classSchema]))
        .min(1)
        .max(255),
    ],
    {
      error:
        'expected `cityscapes`, `cityscapes-ids`, or a list of names or of `{ name, color, dynamic, labels }`',
    },
  ),
  /** Numbers of the network's that are no class, such as void. */
  ignore: z.array(count).default([]),
  /** Several outputs that make up one image of labels, each over those before it. */
  heads: z
    .array(
      z.strictObject({
        ...head,
        /** What its numbers, or channels, are: names of classes; null: nothing, what the heads before it say stays. */
        labels: z.array(z.string().nullable()).min(1),
      }),
    )
    .min(1)
    .optional(),
});

/** A model folder or version: its depth, or its segmentation, as it is. */
const modelSchema = z.strictObject({ model: z.string().min(1) });

export type ImportInput = z.infer<typeof inputSchema>;
export type ExtraFeed = z.infer<typeof feedSchema>;
export type DepthImport = z.infer<typeof depthSchema>;
export type SegmentationImport = z.infer<typeof segmentationSchema>;
export type ModelPart = z.infer<typeof modelSchema>;

/** Where a map of one number a pixel is found. */
export interface MapPlace {
  readonly output?: string | undefined;
  readonly channel?: number | undefined;
  readonly layout?: 'NCHW' | 'NHWC' | undefined;
}

/** What a user says about ONNX files and models that are to become one model (docs/import.md). */
export interface ImportDescription {
  readonly name: string;
  readonly license: string;
  readonly depth?: DepthImport | ModelPart | undefined;
  readonly segmentation?: SegmentationImport | ModelPart | undefined;
}

/** Whether a part of a description is a model's instead of an ONNX file's. */
export function isModelPart(part: { readonly onnx: string } | ModelPart): part is ModelPart {
  return 'model' in part;
}

/** The schema for a description: which keys a part has follows from whether it names a model. */
export function importSchema(value: unknown): z.ZodType<ImportDescription> {
  const part = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const ofModel = (name: string): boolean => {
    const found = part(name);
    return typeof found === 'object' && found !== null && 'model' in found;
  };
  return z
    .strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, `.`, `_`, `-`'),
      license: z.string().min(1),
      depth: (ofModel('depth') ? modelSchema : depthSchema).optional(),
      segmentation: (ofModel('segmentation') ? modelSchema : segmentationSchema).optional(),
    })
    .refine(({ depth, segmentation }) => depth !== undefined || segmentation !== undefined, {
      message: 'expected `depth`, `segmentation` or both',
    });
}
