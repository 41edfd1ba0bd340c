import type { Manifest } from '../../models/manifest.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { join, scalar, scalarFloat, vector } from '../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';
import { inverseDepth, unknownDepth } from './inverse-depth.js';
import {
  labelsOnCamera,
  type NetworkView,
  networkInput,
  networkView,
  onCamera,
  shownImage,
  shownPart,
} from './network-view.js';
import { buildContract, type CameraValues } from './perception-contract.js';

/** The network inside a perception graph; values are names in the builder, physically NCHW. */
export interface EmbeddedNetwork {
  /** The one size of its images; left out: the manifest's number of pixels with the camera's aspect ratio. */
  readonly fixed?: { readonly width: number; readonly height: number } | undefined;
  /**
   * @param image normalised, [1, 3, h, w].
   * @returns what the manifest's `depth` says, [1, 1, h, w]; undefined from a network of segmentation alone.
   */
  values(graph: GraphBuilder, image: string): string | undefined;
  /**
   * Called inside a branch, after `values`, if the manifest has classes. @returns class logits [1, S, h / 2^s, w / 2^s];
   * the labels have their resolution.
   */
  logits(graph: GraphBuilder): string;
  /** s of `logits`. */
  readonly logitScale: number;
  /** Called inside a branch, after `values`. @returns logits of the depth's confidence, [1, 1, h / 2^s, w / 2^s], any s. */
  confidence?(graph: GraphBuilder): string;
}

/**
 * Builds the perception graph of a network: camera bytes in, message bytes out, for any camera resolution.
 *
 * Geometry: the network sees `manifest.input.pixels` pixels or so, width and height rounded to `multiple`. The image is
 * resized with its own aspect ratio to fit. What remains of the width or height repeats the last column or row, so that
 * nothing is cut off. Where fx and fy differ, the height is resized by fx / fy more, so that the network's pixels are square.
 * Depth depends on the focal length in network pixels: depth = network depth * focal / canonicalFocalPixels * scale.
 */
export function buildPerceptionGraph(manifest: Manifest, network: EmbeddedNetwork): GraphBuilder {
  const { pixels, multiple, mean, std, canonicalFocalPixels } = manifest.input;
  const { depth } = manifest;
  const size = network.fixed ?? { pixels, multiple };
  let view: NetworkView | undefined;
  let [shown, disparity] = ['', ''];
  return buildContract(manifest, {
    depth(g, camera) {
      view = networkView(g, camera, { size, fit: 'letterbox' });
      shown = shownImage(g, camera, view);
      const image = networkInput(g, shown, view, { mean, std });
      const values = network.values(g, image);
      if (values === undefined || depth.kind === 'none') return unknownDepth(g, camera);
      disparity = inverseDepth(g, values, depth);
      const inverse = onCamera(g, disparity, view, camera);
      const { farMeters } = depth;
      return depthOf(g, inverse, { canonicalFocalPixels, farMeters }, view, camera);
    },
    labels(g, camera) {
      const seen = view ?? networkView(g, camera, { size, fit: 'letterbox' });
      const classes = g.op('ArgMax', [network.logits(g)], { axis: 1, keepdims: 0 });
      const labels = g.op('Squeeze', [g.op('Cast', [classes], { to: ELEMENT_TYPES.uint8 }), vector(g, [0])]);
      return labelsOnCamera(g, labels, seen, camera, 2 ** network.logitScale);
    },
    networkImage: () => shown,
    ...(network.confidence && {
      confidence: (g, camera) => {
        const seen = view ?? networkView(g, camera, { size, fit: 'letterbox' });
        return confidenceOnCamera(g, network.confidence?.(g) ?? '', seen, camera);
      },
    }),
    ...(depth.kind !== 'none' && {
      networkDepth: (g, camera) => {
        const seen = view ?? networkView(g, camera, { size, fit: 'letterbox' });
        return {
          inverse: shownPart(g, disparity, seen),
          ratio: focalRatio(g, canonicalFocalPixels, seen) ?? scalarFloat(g, 1),
          least: 1 / depth.farMeters,
        };
      },
    }),
  });
}

/**
 * Probabilities from logits, as the camera sees them: float32 [H, W], 0..1. They are resized twice, since what is cut off
 * behind the network is known in its own pixels alone.
 * @param logits [1, 1, h', w'], of the network's aspect ratio.
 */
export function confidenceOnCamera(
  g: GraphBuilder,
  logits: string,
  view: NetworkView,
  camera: CameraValues,
): string {
  const share = g.op('Sigmoid', [logits]);
  const sizes = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
  return onCamera(g, g.op('Resize', [share, '', '', sizes], { mode: 'linear' }), view, camera);
}

/**
 * Depth from disparity: factor / disparity, the factor being the metric scale times, where the network has a canonical
 * focal length, focal / canonical. +Inf where the disparity is below 1 / farMeters (or not positive), NaN where it is.
 * @param disparity float32 [H, W].
 */
export function depthOf(
  g: GraphBuilder,
  disparity: string,
  options: { readonly canonicalFocalPixels: number | undefined; readonly farMeters: number },
  view: NetworkView,
  { scale }: CameraValues,
): string {
  const { canonicalFocalPixels, farMeters } = options;
  const ratio = focalRatio(g, canonicalFocalPixels, view);
  const factor = ratio === undefined ? scale : g.op('Mul', [ratio, scale]);
  // 0 where too far, and factor / 0 = +Inf; the product is 0, or NaN where the network gave none. Less and Where take
  // three times as long.
  const near = g.op('ThresholdedRelu', [disparity], { alpha: { float: 1 / farMeters } });
  return g.op('Div', [factor, g.op('Add', [near, g.op('Mul', [disparity, scalarFloat(g, 0)])])]);
}

/** focal / canonical: float32 scalar; undefined where depth does not depend on it. */
function focalRatio(
  g: GraphBuilder,
  canonicalFocalPixels: number | undefined,
  { focal }: NetworkView,
): string | undefined {
  if (canonicalFocalPixels === undefined) return undefined;
  return g.op('Div', [focal, scalarFloat(g, canonicalFocalPixels)]);
}
