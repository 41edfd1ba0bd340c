import { z } from 'zod';
import { ModelError } from './errors.js';
import { GRAPH_CONTRACT } from './graph-contract.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');
const byte = z.number().int().min(0).max(255);

/** Published weights that a network's encoder started from. */
export const encoderOriginSchema = z.strictObject({
  file: z.string(),
  sha256,
  /** As its package names them. */
  package: z.string().optional(),
  version: z.string().optional(),
  license: z.string().optional(),
});
export type EncoderOrigin = z.infer<typeof encoderOriginSchema>;

const manifestFields = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, `.`, `_`, `-`'),
  version: z.number().int().nonnegative(),
  contract: z.literal(GRAPH_CONTRACT),
  license: z.string().min(1),
  /** How a camera image becomes the network's input; carried out inside the graph, recorded here for people and trainers. */
  input: z.strictObject({
    /** Number of pixels that the network sees; height and width follow from the camera's aspect ratio. */
    pixels: z.number().int().positive(),
    /** Network height and width are multiples of this. */
    multiple: z.number().int().positive(),
    mean: z.tuple([z.number(), z.number(), z.number()]),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
    /**
     * Focal length, in network pixels, at which the network's depth is metric; elsewhere it is scaled by fx / canonical.
     * Absent: the depth is as the network gives it, whatever the camera.
     */
    canonicalFocalPixels: z.number().positive().optional(),
  }),
  /** What the network's depth output means. At the canonical focal length, anything at least `farMeters` away is +Inf (REP 118). */
  depth: z.discriminatedUnion('kind', [
    /** depth = 1 / (a * sigma + b) with b = 1 / maxMeters, a = 1 / minMeters - b (SGDepth, section 3.1). */
    z.strictObject({
      kind: z.literal('disparity'),
      metric: z.boolean(),
      minMeters: z.number().positive(),
      maxMeters: z.number().positive(),
      farMeters: z.number().positive(),
    }),
    /** The output, times a factor, is 1 / depth or depth. */
    z.strictObject({
      kind: z.enum(['inverse-depth', 'depth']),
      metric: z.boolean(),
      farMeters: z.number().positive(),
    }),
    /**
     * scale * output + shift is 1 / depth or depth. Without both, only which of two pixels is nearer is known: neither the
     * depth nor any multiple of it is metric.
     */
    z.strictObject({
      kind: z.enum(['affine-inverse-depth', 'affine-depth']),
      metric: z.boolean(),
      affine: z.strictObject({ scale: z.number(), shift: z.number() }).optional(),
      farMeters: z.number().positive(),
    }),
    /** A model of segmentation alone: its depth is NaN everywhere. */
    z.strictObject({ kind: z.literal('none'), metric: z.literal(false) }),
  ]),
  /** How far the depth may be trusted; absent: the graph does not tell. */
  confidence: z
    .strictObject({
      /** It is the probability that the depth lies within this factor of the truth; absent: it orders pixels, no more. */
      within: z.number().gt(1).optional(),
    })
    .optional(),
  /** Classes by label. If empty, the model has no segmentation, and the graph's outputs of it have no rows, wanted or not. */
  classes: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        color: z.tuple([byte, byte, byte]),
        dynamic: z.boolean(),
      }),
    )
    .max(255),
  /**
   * By class name: what was added, in nats, to the logits that training learned (`rxdepth model adjust-classes`). The weights
   * have it; whoever trains them further takes it out first. Absent: nothing is known of such an addition.
   */
  classAdjustment: z.record(z.string(), z.number()).optional(),
  network: z.strictObject({ architecture: z.string(), options: z.record(z.string(), z.unknown()) }),
  /** Where the graph computes in 8 bits: what was done, and how far its outputs lie from those of the float graph. */
  quantization: z
    .strictObject({
      /** `int8`: weights with a scale an output channel, activations with a scale and zero point each. */
      format: z.literal('int8'),
      /** How the activations' ranges were chosen: `mse`, `percentile 99.99`. */
      ranges: z.string(),
      /** Pictures that the ranges were chosen on, and where they are from. */
      pictures: z.number().int().positive(),
      calibration: z.string(),
      /** What rounds the same weights in the same way again; absent where an adaptation rounded as its parent is. */
      command: z.string().optional(),
      convolutions: z.number().int().nonnegative(),
      /** Those of them that compute in float, because rounding them costs most. */
      float: z.array(z.string()),
      /** Mean of |log(depth / float depth)|, and share of pixels with another class. */
      depthChange: z.number().nonnegative(),
      labelChange: z.number().nonnegative().optional(),
    })
    .optional(),
  files: z.record(z.string(), z.strictObject({ bytes: z.number().int().positive(), sha256 })),
  provenance: z.strictObject({
    method: z.string(),
    data: z.string(),
    seed: z.number().int(),
    steps: z.number().int().nonnegative(),
    trainedSeconds: z.number().nonnegative(),
    command: z.string(),
    createdAt: z.string(),
    parent: z.string().optional(),
    encoder: encoderOriginSchema.optional(),
    metrics: z.record(z.string(), z.number()),
  }),
});

const manifestSchema = manifestFields.refine(
  ({ classes, classAdjustment = {} }) =>
    Object.keys(classAdjustment).every((name) => classes.some((entry) => entry.name === name)),
  { path: ['classAdjustment'], error: 'expected names of `classes` alone' },
);

/** What a model folder says of itself (`manifest.json`). */
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * Validates the parsed JSON of a manifest.
 * @throws ModelError naming `file` and every field that is missing or wrong.
 */
export function parseManifest(json: unknown, file: string): Manifest {
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  throw new ModelError(`${file} is not a valid model manifest:\n${z.prettifyError(result.error)}`, {
    field: result.error.issues[0]?.path.join('.'),
    file,
  });
}

/** Whether a model's depth times one factor is in metres: not where it is only affine-invariant, or where there is none. */
export function hasScalableDepth({ depth }: Pick<Manifest, 'depth'>): boolean {
  if (depth.kind === 'affine-inverse-depth' || depth.kind === 'affine-depth')
    return depth.affine !== undefined;
  return depth.kind !== 'none';
}

/** The range of a network's disparity. @throws ModelError for an imported model, whose depth is something else. */
export function disparityRange({ name, depth }: Pick<Manifest, 'name' | 'depth'>): {
  readonly minMeters: number;
  readonly maxMeters: number;
} {
  if (depth.kind === 'disparity') return depth;
  throw new ModelError(`${name}: expected a network whose output is \`disparity\`, got ${depth.kind}.`);
}
