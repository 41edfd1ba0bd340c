import type { Manifest } from '../../../models/manifest.js';
import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { element, join, scalar, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { FARTHEST_METERS, inverted, line, unknownDepth } from '../inverse-depth.js';
import { labelsOnCamera, networkView, onCamera, shownImage } from '../network-view.js';
import type { CameraValues, LabelGrid, PerceptionStages } from '../perception-contract.js';
import { depthOf } from '../perception-graph.js';
import {
  classTable,
  type DepthImport,
  type ImportDescription,
  type SegmentationImport,
} from './import-description.js';
import type { ImportedNetwork, NetworkOutput } from './imported-network.js';

export interface ImportedNetworks {
  readonly depth?: ImportedNetwork;
  /** The same object where one network gives both. */
  readonly segmentation?: ImportedNetwork;
}

/** Depth and labels of imported networks as the stages of a perception graph. */
export function importedStages(description: ImportDescription, networks: ImportedNetworks): PerceptionStages {
  return {
    depth(g, camera) {
      const { depth } = description;
      if (depth === undefined || networks.depth === undefined) return unknownDepth(g, camera);
      return depthStage(g, camera, depth, networks.depth);
    },
    labels(g, camera) {
      const { segmentation } = description;
      if (segmentation === undefined || networks.segmentation === undefined)
        throw new TrainingError('a model without segmentation has no labels');
      return labelStage(g, camera, segmentation, networks.segmentation);
    },
    // Without depth there is nothing to compare frames by.
    ...(networks.depth && comparing(networks.depth)),
  };
}

/** More pixels make the comparison of frames slower, not better. */
const MOST_COMPARED_PIXELS = 1 << 17;

/**
 * The image by which frames are compared: what the network sees, where that is all of the image in its aspect ratio and not
 * too large; else the image resized for this alone.
 */
function comparing(network: ImportedNetwork): Required<Pick<PerceptionStages, 'networkImage'>> {
  return {
    networkImage(g, camera) {
      const { size, fit } = network.view;
      const pixels = 'height' in size ? size.height * size.width : size.pixels;
      const whole = fit === 'letterbox' && pixels <= MOST_COMPARED_PIXELS;
      const own = {
        size: { pixels: Math.min(pixels, MOST_COMPARED_PIXELS), multiple: 1 },
        fit: 'letterbox' as const,
      };
      return shownImage(g, camera, whole ? network.seen(g, camera) : networkView(g, camera, own));
    },
  };
}

/** What the manifest says of the depth. */
export function manifestDepth(depth: DepthImport | undefined): Manifest['depth'] {
  if (depth === undefined) return { kind: 'none', metric: false };
  const { values, metric } = depth;
  const farMeters = farOf(depth);
  switch (values.meaning) {
    case 'disparity':
      return {
        ...{ kind: 'disparity', metric, farMeters },
        ...{ minMeters: values.minMeters, maxMeters: values.maxMeters },
      };
    case 'inverse-depth':
    case 'depth':
      return { kind: values.meaning, metric, farMeters };
    default: {
      const { scale, shift } = values;
      const affine = scale === undefined || shift === undefined ? {} : { affine: { scale, shift } };
      return { kind: values.meaning, metric, ...affine, farMeters };
    }
  }
}

function farOf({ values, farMeters }: DepthImport): number {
  return farMeters ?? (values.meaning === 'disparity' ? values.maxMeters : FARTHEST_METERS);
}

function depthStage(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport,
  network: ImportedNetwork,
): string {
  const output = network.compute(g, camera, network.output(depth.output));
  const view = network.seen(g, camera);
  const plane = toFloat(g, planeOf(g, output, depth.input.layout));
  const size = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
  const disparity = g.op('Resize', [disparityOf(g, plane, depth.values), '', '', size], { mode: 'linear' });
  const { canonicalFocalPixels } = depth;
  const options = { canonicalFocalPixels, farMeters: farOf(depth) };
  return depthOf(g, onCamera(g, disparity, view, camera), options, view, camera);
}

function disparityOf(g: GraphBuilder, plane: string, values: DepthImport['values']): string {
  switch (values.meaning) {
    case 'disparity':
      return line(g, plane, 1 / values.minMeters - 1 / values.maxMeters, 1 / values.maxMeters);
    case 'inverse-depth':
      return line(g, plane, 1 / values.metersPerUnit, 0);
    case 'depth':
      return inverted(g, line(g, plane, values.metersPerUnit, 0));
    case 'affine-inverse-depth':
      return line(g, plane, values.scale ?? 1, values.shift ?? 0);
    case 'affine-depth':
      return inverted(g, line(g, plane, values.scale ?? 1, values.shift ?? 0));
  }
}

function labelStage(
  g: GraphBuilder,
  camera: CameraValues,
  segmentation: SegmentationImport,
  network: ImportedNetwork,
): LabelGrid {
  const declared = network.output(segmentation.output);
  const output = network.compute(g, camera, declared);
  const view = network.seen(g, camera);
  if (segmentation.values === 'classes') {
    const bytes = g.op('Cast', [planeOf(g, output, segmentation.layout).value], { to: ELEMENT_TYPES.uint8 });
    const size = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
    const full = g.op('Resize', [bytes, '', '', size], { mode: 'nearest', nearest_mode: 'floor' });
    return labelsOnCamera(g, g.op('Squeeze', [full, vector(g, [0, 1])]), view, camera, 1);
  }
  const classes = classTable(segmentation.classes).length;
  const { layout } = segmentation;
  const channels = output.shape[layout === 'NCHW' ? 1 : 3];
  if (output.shape.length !== 4 || (typeof channels === 'number' && channels !== classes)) {
    const expected = layout === 'NCHW' ? `[1, ${classes}, h, w]` : `[1, h, w, ${classes}]`;
    throw new TrainingError(
      `output \`${declared.name}\` has the shape [${output.shape.join(', ')}]; expected \`${expected}\`: a score for each of ${classes} classes (\`layout: ${layout}\`).`,
    );
  }
  const scores = toFloat(g, output);
  const planes = layout === 'NCHW' ? scores : g.op('Transpose', [scores], { perm: [0, 3, 1, 2] });
  const size = join(g, [scalar(g, 1), scalar(g, classes), view.height, view.width]);
  // Logits are upsampled before the class is chosen, as evaluations of such networks do.
  const full = g.op('Resize', [planes, '', '', size], { mode: 'linear' });
  const labels = g.op('Cast', [g.op('ArgMax', [full], { axis: 1, keepdims: 0 })], {
    to: ELEMENT_TYPES.uint8,
  });
  return labelsOnCamera(g, g.op('Squeeze', [labels, vector(g, [0])]), view, camera, 1);
}

/** A map of one number a pixel as [1, 1, h, w], whichever axes of one element it has. */
function planeOf(
  g: GraphBuilder,
  { value, shape, dtype }: NetworkOutput,
  layout: 'NCHW' | 'NHWC',
): NetworkOutput {
  const rank = shape.length;
  // Where the file gives the extents, the axis of one channel tells the layout; else the description does.
  const channelsLast = shape[1] !== 1 && (shape[3] === 1 || layout === 'NHWC');
  const rows = rank === 4 ? (channelsLast ? 1 : 2) : rank - 2;
  const rest = shape.filter((_, axis) => axis !== rows && axis !== rows + 1);
  if (rank < 2 || rank > 4 || rest.some((extent) => typeof extent === 'number' && extent !== 1)) {
    throw new TrainingError(
      `an output has the shape [${shape.join(', ')}]; expected one number a pixel: \`[1, 1, h, w]\`, \`[1, h, w, 1]\`, \`[1, h, w]\` or \`[h, w]\`.`,
    );
  }
  const extents = g.op('Shape', [value]);
  const target = join(g, [
    scalar(g, 1),
    scalar(g, 1),
    element(g, extents, rows),
    element(g, extents, rows + 1),
  ]);
  return { value: g.op('Reshape', [value, target]), dtype, shape: [1, 1, 'h', 'w'] };
}

function toFloat(g: GraphBuilder, { value, dtype }: NetworkOutput): string {
  return dtype === 'float32' ? value : g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
}
