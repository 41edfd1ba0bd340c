import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { TrainingError } from '../../errors.js';

const positive = z.number().positive();
const extent = z.number().int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);
const byte = z.number().int().min(0).max(255);

const inputSchema = z.strictObject({
  /** Name of the ONNX input; may be left out where there is only one. */
  name: z.string().optional(),
  /** What the network was made for; may be left out where the file fixes it. */
  size: z
    .union([
      z.strictObject({ height: extent, width: extent }),
      z.strictObject({ pixels: extent, multiple: extent }),
    ])
    .optional(),
  fit: z.enum(['letterbox', 'stretch', 'crop']).default('letterbox'),
  layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
  channels: z.enum(['RGB', 'BGR']).default('RGB'),
  /** The network is given (value / 255 - mean) / std, channel by channel in its own order. */
  mean: triple.default([0, 0, 0]),
  std: z.tuple([positive, positive, positive]).default([1, 1, 1]),
});

/** How the numbers that a depth network gives become depth. */
const depthMeaning = z.discriminatedUnion('meaning', [
  /** sigma in 0..1: 1 / depth = (1 / minMeters - 1 / maxMeters) sigma + 1 / maxMeters. */
  z.strictObject({ meaning: z.literal('disparity'), minMeters: positive, maxMeters: positive }),
  /** 1 / depth, or depth, in units of `metersPerUnit` metres. */
  z.strictObject({ meaning: z.literal('inverse-depth'), metersPerUnit: positive.default(1) }),
  z.strictObject({ meaning: z.literal('depth'), metersPerUnit: positive.default(1) }),
  /** scale * output + shift is 1 / depth in 1/m, or depth in metres; without both the model stays relative. */
  z.strictObject({
    meaning: z.literal('affine-inverse-depth'),
    scale: z.number().optional(),
    shift: z.number().optional(),
  }),
  z.strictObject({
    meaning: z.literal('affine-depth'),
    scale: z.number().optional(),
    shift: z.number().optional(),
  }),
]);

const classSchema = z.strictObject({
  name: z.string().min(1),
  color: z.tuple([byte, byte, byte]).optional(),
  dynamic: z.boolean().optional(),
});

const schema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, `.`, `_`, `-`'),
    license: z.string().min(1),
    depth: z
      .strictObject({
        /** ONNX file, relative to the description. */
        onnx: z.string().min(1),
        input: inputSchema.prefault({}),
        /** Name of the ONNX output; may be left out where there is only one. */
        output: z.string().optional(),
        values: depthMeaning,
        /** Whether depth is in metres. */
        metric: z.boolean(),
        /** Focal length, in network pixels, at which it is; left out: the depth does not depend on the camera. */
        canonicalFocalPixels: positive.optional(),
        /** Depth from here on counts as infinite, such as the sky's. */
        farMeters: positive.optional(),
      })
      .optional(),
    segmentation: z
      .strictObject({
        onnx: z.string().min(1),
        /** Left out: as the depth network's, where both are one file. */
        input: inputSchema.optional(),
        output: z.string().optional(),
        /** `logits`: a score a class, channels as in `layout`; `classes`: the class itself. */
        values: z.enum(['logits', 'classes']).default('logits'),
        /** Of the logits. */
        layout: z.enum(['NCHW', 'NHWC']).default('NCHW'),
        classes: z.union([
          z.literal('cityscapes'),
          z
            .array(z.union([z.string().min(1), classSchema]))
            .min(1)
            .max(255),
        ]),
      })
      .optional(),
  })
  .refine(({ depth, segmentation }) => depth !== undefined || segmentation !== undefined, {
    message: 'expected `depth`, `segmentation` or both',
  });

/** What a user says about ONNX files that are to become a model (docs/import.md). */
export type ImportDescription = z.infer<typeof schema>;
export type ImportInput = z.infer<typeof inputSchema>;
export type DepthImport = NonNullable<ImportDescription['depth']>;
export type SegmentationImport = NonNullable<ImportDescription['segmentation']>;

/**
 * Reads a description, YAML or JSON; the names of ONNX files become paths.
 * @throws TrainingError naming the file and every field that is missing or wrong.
 */
export async function readImportDescription(file: string): Promise<ImportDescription> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TrainingError(`${file} cannot be read: ${(cause as Error).message}.`, { file, cause });
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new TrainingError(`${file} is neither YAML nor JSON: ${(cause as Error).message}`, { file, cause });
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new TrainingError(
      `${file} is not a valid description of a model:\n${z.prettifyError(result.error)}`,
      { field: result.error.issues[0]?.path.join('.'), file },
    );
  const { depth, segmentation } = result.data;
  const beside = (onnx: string) => path.resolve(path.dirname(file), onnx);
  if (depth !== undefined) checkDepth(file, depth);
  return {
    ...result.data,
    ...(depth && { depth: { ...depth, onnx: beside(depth.onnx) } }),
    ...(segmentation && { segmentation: { ...segmentation, onnx: beside(segmentation.onnx) } }),
  };
}

/** A network that is only affine-invariant says nothing in metres. */
function checkDepth(file: string, { values, metric }: DepthImport): void {
  if (values.meaning === 'disparity' && values.minMeters >= values.maxMeters)
    throw new TrainingError(`${file}: \`depth.values\`: expected \`minMeters < maxMeters\`.`, { file });
  if (values.meaning !== 'affine-inverse-depth' && values.meaning !== 'affine-depth') return;
  if ((values.scale === undefined) !== (values.shift === undefined))
    throw new TrainingError(`${file}: \`depth.values\`: give both \`scale\` and \`shift\`, or neither.`, {
      file,
    });
  if (metric && values.scale === undefined) {
    throw new TrainingError(
      `${file}: \`depth.values\` is ${values.meaning}: it can be \`metric: true\` only with \`scale\` and \`shift\`.`,
      { file },
    );
  }
  if (values.scale === 0)
    throw new TrainingError(`${file}: \`depth.values.scale\`: expected a number other than 0.`, { file });
}

/** The class table that a description gives; colours and dynamics of Cityscapes' names are known. */
export function classTable(classes: SegmentationImport['classes']) {
  const given = classes === 'cityscapes' ? CITYSCAPES_CLASSES.map(({ name }) => name) : classes;
  return given.map((entry, index) => {
    const { name, color, dynamic } =
      typeof entry === 'string' ? { name: entry, color: undefined, dynamic: undefined } : entry;
    const known = CITYSCAPES_CLASSES.find((candidate) => candidate.name === name.toLowerCase());
    return {
      name,
      color: [...(color ?? known?.color ?? distinctColor(index))] as [number, number, number],
      dynamic: dynamic ?? known?.dynamic ?? false,
    };
  });
}

/** Colours far apart for neighbouring indices: each bit of the index goes to the highest free bit of a channel. */
function distinctColor(index: number): [number, number, number] {
  const color: [number, number, number] = [0, 0, 0];
  for (let bit = 0, rest = index + 1; rest > 0; bit++, rest >>= 1) {
    if (rest & 1) color[bit % 3] = (color[bit % 3] ?? 0) | (128 >> Math.floor(bit / 3));
  }
  return color;
}
