import type { Manifest } from '../../../models/manifest.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { join, scalar, scalarFloat, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { FARTHEST_METERS, inverted, line } from '../inverse-depth.js';
import { onCamera } from '../network-view.js';
import type { CameraValues } from '../perception-contract.js';
import { depthOf } from '../perception-graph.js';
import { foreignMap } from './foreign-map.js';
import type { DepthImport, MapPlace } from './import-schema.js';
import type { ImportedNetwork } from './imported-network.js';
import { rayLengths } from './network-camera.js';

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
      return { kind: 'inverse-depth', metric, farMeters };
    case 'depth':
    case 'log-depth':
    case 'distance':
      return { kind: 'depth', metric, farMeters };
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

/** Depth of an imported network on the camera: float32 [H, W]. */
export function importedDepth(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport,
  network: ImportedNetwork,
): string {
  const view = network.seen(g, camera);
  const inverse = inverseDepthOf(g, camera, depth, network);
  const scaled =
    depth.scale === undefined ? inverse : g.op('Div', [inverse, factor(g, camera, depth.scale, network)]);
  const disparity = onCamera(g, onNetwork(g, camera, scaled, network), view, camera);
  const { canonicalFocalPixels, mask, sky } = depth;
  let meters = depthOf(g, disparity, { canonicalFocalPixels, farMeters: farOf(depth) }, view, camera);
  const reaches = (place: MapPlace & { readonly threshold: number }) =>
    g.op('GreaterOrEqual', [mapOnCamera(g, camera, depth, place, network), scalarFloat(g, place.threshold)]);
  if (mask !== undefined) {
    const beyond = mask.outside === 'far' ? Number.POSITIVE_INFINITY : Number.NaN;
    meters = g.op('Where', [reaches(mask), meters, scalarFloat(g, beyond)]);
  }
  if (sky !== undefined)
    meters = g.op('Where', [reaches(sky), scalarFloat(g, Number.POSITIVE_INFINITY), meters]);
  return meters;
}

/** How far the depth of an imported network may be trusted: float32 [H, W], 0..1; 0 beside what the network saw. */
export function importedConfidence(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport & { readonly confidence: NonNullable<DepthImport['confidence']> },
  network: ImportedNetwork,
): string {
  const { confidence } = depth;
  const values = mapOnCamera(g, camera, depth, confidence, network, (map) => {
    const one = scalarFloat(g, 1);
    switch (confidence.values) {
      case 'probability':
        return map;
      case 'logits':
        return g.op('Sigmoid', [map]);
      case 'one-plus-exp':
        return g.op('Sub', [one, g.op('Reciprocal', [map])]);
      case 'error':
        return g.op('Reciprocal', [g.op('Add', [one, g.op('Abs', [map])])]);
    }
  });
  const known = g.op('Where', [g.op('IsNaN', [values]), scalarFloat(g, 0), values]);
  return g.op('Clip', [known, scalarFloat(g, 0), scalarFloat(g, 1)]);
}

/** [1, 1, h, w], with the network's own extents. */
function mapAt(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport,
  place: MapPlace,
  network: ImportedNetwork,
): string {
  const output = network.compute(g, camera, network.output(place.output ?? depth.output));
  return foreignMap(g, output, place, network.layout);
}

function mapOnCamera(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport,
  place: MapPlace,
  network: ImportedNetwork,
  change = (map: string) => map,
): string {
  const map = change(mapAt(g, camera, depth, place, network));
  return onCamera(g, onNetwork(g, camera, map, network), network.seen(g, camera), camera);
}

/** A map of whichever resolution at that of the network's image. */
function onNetwork(g: GraphBuilder, camera: CameraValues, map: string, network: ImportedNetwork): string {
  const view = network.seen(g, camera);
  const size = join(g, [scalar(g, 1), scalar(g, 1), view.height, view.width]);
  return g.op('Resize', [map, '', '', size], { mode: 'linear' });
}

/** The one number of an output, as float32 scalar. */
function factor(g: GraphBuilder, camera: CameraValues, name: string, network: ImportedNetwork): string {
  const { value, dtype } = network.compute(g, camera, network.output(name));
  const number = dtype === 'float32' ? value : g.op('Cast', [value], { to: ELEMENT_TYPES.float32 });
  return g.op('Reshape', [number, vector(g, [])]);
}

function inverseDepthOf(
  g: GraphBuilder,
  camera: CameraValues,
  depth: DepthImport,
  network: ImportedNetwork,
): string {
  const { values } = depth;
  const map = mapAt(g, camera, depth, depth, network);
  switch (values.meaning) {
    case 'disparity':
      return line(g, map, 1 / values.minMeters - 1 / values.maxMeters, 1 / values.maxMeters);
    case 'inverse-depth':
      return line(g, map, 1 / values.metersPerUnit, 0);
    case 'depth':
      return inverted(g, line(g, map, values.metersPerUnit, 0));
    case 'log-depth':
      return inverted(g, line(g, g.op('Exp', [map]), values.metersPerUnit, 0));
    case 'distance': {
      // Along the ray; camera z is shorter by the length of the ray with z = 1.
      const lengths = rayLengths(g, camera, network.seen(g, camera));
      const meters = line(g, onNetwork(g, camera, map, network), values.metersPerUnit, 0);
      return inverted(g, g.op('Div', [meters, lengths]));
    }
    case 'affine-inverse-depth':
      return line(g, map, values.scale ?? 1, values.shift ?? 0);
    case 'affine-depth':
      return inverted(g, line(g, map, values.scale ?? 1, values.shift ?? 0));
  }
}
