import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import { GRAPH_CONTRACT } from '../../models/graph-contract.js';
import type { Manifest } from '../../models/manifest.js';
import type { GraphBuilder } from '../../training/onnx/graph-builder.js';
import { graphMetadata } from '../../training/perception-graph/perception-contract.js';
import { buildPerceptionGraph } from '../../training/perception-graph/perception-graph.js';

/** Size of the images for which the test network's pixels are the camera's: nothing is resized. */
export const TEST_WIDTH = 64;
export const TEST_HEIGHT = 32;
/** Focal length at which the test network's depth is metric. */
export const TEST_FOCAL = 50;

/** What the test network makes of a pixel: its grey value (0..255, mean of red, green, blue) alone decides. */
export const testDisparity = (grey: number): number => 0.01 + (0.5 * grey) / 255;
export const testConfidence = (grey: number): number => 1 / (1 + Math.exp(4 - (8 * grey) / 255));
export const testLabel = (grey: number): number => Math.round((18 * grey) / 255);
/** Disparities below 1 / 90 are farther than this and become +Inf. */
export const TEST_FAR_METERS = 90;

export interface TestModelOptions {
  readonly metric?: boolean;
  readonly segments?: boolean;
  /** Whether it tells how far its depth may be trusted; it does not by default. */
  readonly trusts?: boolean;
  /** Default true; else the model is one of segmentation alone, in name. */
  readonly depth?: boolean;
  /** Of the manifest, default 3. */
  readonly version?: number;
  /** The version it was adapted from. */
  readonly parent?: string;
  /** Disparity at black, and what white adds to it; default 0.01 and 0.5. */
  readonly disparity?: readonly [black: number, slope: number];
}

function testManifest({
  metric = true,
  segments = true,
  trusts = false,
  depth = true,
  version = 3,
  parent,
}: TestModelOptions): Manifest {
  return {
    name: 'test',
    version,
    contract: GRAPH_CONTRACT,
    license: 'Apache-2.0',
    input: {
      pixels: TEST_WIDTH * TEST_HEIGHT,
      multiple: 32,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      canonicalFocalPixels: TEST_FOCAL,
    },
    depth: depth
      ? { kind: 'disparity', metric, minMeters: 1, maxMeters: 100, farMeters: TEST_FAR_METERS }
      : { kind: 'none', metric: false },
    ...(trusts && { confidence: { within: 1.25 } }),
    classes: CITYSCAPES_CLASSES.slice(0, segments ? undefined : 0).map(({ name, color, dynamic }) => ({
      ...{ name, color: [...color], dynamic },
    })),
    network: { architecture: 'grey', options: {} },
    files: {},
    provenance: {
      ...{ method: 'none', data: 'none', seed: 0, steps: 0, trainedSeconds: 0, command: 'none' },
      ...{ createdAt: '2020-01-01T00:00:00Z', metrics: {} },
      ...(parent !== undefined && { parent }),
    },
  };
}

function buildTestGraph(manifest: Manifest, [black, slope]: readonly [number, number]): Uint8Array {
  let grey = '';
  const network = {
    values(g: GraphBuilder, image: string) {
      grey = g.op('ReduceMean', [image, g.constant([1], 'int64', [1])], { keepdims: 1 });
      return g.op('Add', [
        g.op('Mul', [grey, g.constant([slope], 'float32', [])]),
        g.constant([black], 'float32', []),
      ]);
    },
    logits(g: GraphBuilder) {
      const classes = g.constant(
        CITYSCAPES_CLASSES.map((_, index) => index),
        'float32',
        [1, CITYSCAPES_CLASSES.length, 1, 1],
      );
      const distance = g.op('Sub', [g.op('Mul', [grey, g.constant([18], 'float32', [])]), classes]);
      return g.op('Neg', [g.op('Abs', [distance])]);
    },
    logitScale: 0,
    ...(manifest.confidence && {
      confidence: (g: GraphBuilder) =>
        g.op('Sub', [g.op('Mul', [grey, g.constant([8], 'float32', [])]), g.constant([4], 'float32', [])]),
    }),
  };
  return buildPerceptionGraph(manifest, network).toModel({ metadata: graphMetadata(manifest) });
}

/** Writes a complete model folder around a network that looks at single pixels only, so that outputs are predictable. */
export async function writeTestModel(folder: string, options: TestModelOptions = {}): Promise<string> {
  const manifest = testManifest(options);
  const graph = buildTestGraph(manifest, options.disparity ?? [0.01, 0.5]);
  await mkdir(folder, { recursive: true });
  const files: Manifest['files'] = {
    'perception.onnx': { bytes: graph.byteLength, sha256: createHash('sha256').update(graph).digest('hex') },
  };
  await writeFile(path.join(folder, 'perception.onnx'), graph);
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
  return folder;
}
