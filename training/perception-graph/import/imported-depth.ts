import type { Manifest } from '../../../models/manifest.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { join, scalar, scalarFloat, vector } from '../../onnx/shape-ops.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { FARTHEST_METERS, line, NEAREST_METERS } from '../inverse-depth.js';
import { type NetworkView, onCamera } from '../network-view.js';
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
  const { values } = depth;
  // What the network gives is brought to the camera as it is, and then becomes depth: as authors of networks do it.
  const map = mapOnCamera(g, camera, depth, { place: depth }, network);
  const measured = depth.scale === undefined ? undefined : factor(g, camera, depth.scale, network);
  const far = { canonicalFocalPixels: depth.canonicalFocalPixels, farMeters: farOf(depth) };
  const view = network.seen(g, camera);
  const numbers = linear(g, map, values);
  const { mask, sky } = depth;
  let meters = isInverse(values)
    ? depthOf(g, measured === undefined ? numbers : g.op('Div', [numbers, measured]), far, view, camera)
    : metersOf(g, camera, { numbers, measured, isDistance: values.meaning === 'distance' }, far, view);
  const mapped = (place: MapPlace) => mapOnCamera(g, camera, depth, { place }, network);
  if (mask !== undefined) {
    const beyond = mask.outside === 'far' ? Number.POSITIVE_INFINITY : Number.NaN;
    // Beside what the network saw the mask is NaN, which is not below: the depth stays NaN there.
    const below = g.op('Less', [mapped(mask), scalarFloat(g, mask.threshold)]);
    meters = g.op('Where', [below, scalarFloat(g, beyond), meters]);
  }
  if (sky !== undefined) {
    const isSky = g.op('GreaterOrEqual', [mapped(sky), scalarFloat(g, sky.threshold)]);
    meters = g.op('Where', [isSky, scalarFloat(g, Number.POSITIVE_INFINITY), meters]);
  }
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
  const change = (map: string) => {
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
  };
  const values = mapOnCamera(g, camera, depth, { place: confidence, change }, network);
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
  { place, change = (map) => map }: { readonly place: MapPlace; readonly change?: (map: string) => string },
  network: ImportedNetwork,
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

/** What the numbers are, but for a factor: 1 / depth, or depth or distance in metres. */
function linear(g: GraphBuilder, map: string, values: DepthImport['values']): string {
  switch (values.meaning) {
    case 'disparity':
      return line(g, map, 1 / values.minMeters - 1 / values.maxMeters, 1 / values.maxMeters);
    case 'inverse-depth':
      return line(g, map, 1 / values.metersPerUnit, 0);
    case 'depth':
    case 'distance':
      return line(g, map, values.metersPerUnit, 0);
    case 'log-depth':
      return line(g, g.op('Exp', [map]), values.metersPerUnit, 0);
    case 'affine-inverse-depth':
    case 'affine-depth':
      return line(g, map, values.scale ?? 1, values.shift ?? 0);
  }
}

/** Whether its numbers are 1 / depth, but for factors. */
export function isInverse({ meaning }: DepthImport['values']): boolean {
  return meaning === 'disparity' || meaning === 'inverse-depth' || meaning === 'affine-inverse-depth';
}

/** Depth from metres; distances along the ray become camera z. +Inf from `farMeters` on, NaN where the network gave none. */
function metersOf(
  g: GraphBuilder,
  camera: CameraValues,
  {
    numbers,
    measured,
    isDistance,
  }: { readonly numbers: string; readonly measured: string | undefined; readonly isDistance: boolean },
  {
    canonicalFocalPixels,
    farMeters,
  }: { readonly canonicalFocalPixels: number | undefined; readonly farMeters: number },
  view: NetworkView,
): string {
  const along = isDistance ? g.op('Div', [numbers, rayLengths(g, camera)]) : numbers;
  const all = measured === undefined ? along : g.op('Mul', [along, measured]);
  const positive = g.op('Clip', [all, scalarFloat(g, NEAREST_METERS), scalarFloat(g, FARTHEST_METERS)]);
  const far = g.op('Where', [
    g.op('Less', [positive, scalarFloat(g, farMeters)]),
    positive,
    scalarFloat(g, Number.POSITIVE_INFINITY),
  ]);
  const known = g.op('Where', [g.op('IsNaN', [all]), all, far]); // whatever Clip makes of NaN
  const scaled =
    canonicalFocalPixels === undefined
      ? camera.scale
      : g.op('Mul', [g.op('Div', [view.focal, scalarFloat(g, canonicalFocalPixels)]), camera.scale]);
  return g.op('Mul', [known, scaled]);
}
