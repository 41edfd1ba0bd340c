import path from 'node:path';
import type { Dimension } from '../../onnx/model-proto.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { elementTypeOf } from '../../onnx/read-tensor.js';
import { INTEGER_RANGE, isImage } from './image-input.js';
import { runtimeInputs } from './onnx-values.js';
import { readNetworkFile } from './read-network-file.js';

/**
 * What an ONNX file's inputs and outputs are, and a description to start from, YAML. The file alone does not say how images
 * are normalised or what its numbers mean. What is guessed from names and shapes says so.
 * @throws TrainingError naming the file when it is no ONNX model.
 */
export async function suggestDescription(file: string): Promise<string> {
  const onnx = await readNetworkFile(file);
  const { outputs } = onnx.model.graph;
  const inputs = runtimeInputs(onnx);
  const base = path.basename(file);
  const image = inputs.find(isImage) ?? inputs[0];
  const roles = outputs.map((output) => ({ output, role: roleOf(output) }));
  const first = (role: Role) => roles.find((found) => found.role === role)?.output;
  const tells = roles.filter(({ role }) => role === 'scores' || role === 'classes');
  // A mask beside a depth says where it holds; alone it is a class.
  const masks = first('depth') === undefined ? roles.filter(({ role }) => role === 'mask') : [];
  const labels = tells.length > 0 ? tells : masks;
  const depth = first('depth') ?? (labels.length > 0 ? undefined : outputs[0]);
  const lines = [
    `# ${base}: an ONNX file does not say how it wants its images and what its numbers mean.`,
    '# Its inputs:',
    ...inputs.map(lineOf),
    '# Its outputs:',
    ...outputs.map(lineOf),
    '# What follows is guessed from names and shapes: correct it, then import it with',
    `# rxdepth model import ${base.replace(/\.onnx$/i, '')}.yaml -o FOLDER (docs/import.md)`,
    `name: ${nameOf(base)}`,
    'license: "of the weights"',
    ...(depth === undefined ? [] : depthLines(base, { depth, image, inputs, first })),
    ...(labels.length === 0
      ? []
      : labelLines(
          base,
          labels.map(({ output }) => output),
          { image, inputs, alone: depth === undefined },
        )),
  ];
  return `${lines.join('\n')}\n`;
}

type Role = 'depth' | 'confidence' | 'mask' | 'sky' | 'scale' | 'scores' | 'classes' | 'other';

interface Found {
  readonly image: ForeignValue | undefined;
  readonly inputs: readonly ForeignValue[];
}

function nameOf(base: string): string {
  const name = base
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name === '' ? 'imported' : name;
}

function lineOf({ name, shape, elementType }: ForeignValue): string {
  return `#   \`${oneLine(name)}\` ${elementTypeOf(elementType) ?? elementType ?? 'of unknown type'} [${shape?.map((extent) => oneLine(String(extent))).join(', ') ?? '?'}]`;
}

/** A name out of a file within a comment. */
function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function roleOf({ name, shape, elementType }: ForeignValue): Role {
  const dtype = elementTypeOf(elementType);
  const extents = shape ?? [];
  const single = extents.every((extent) => extent === 1 || typeof extent !== 'number') && extents.length <= 2;
  if (/conf|uncert|sigma|variance/i.test(name)) return 'confidence';
  if (/sky/i.test(name)) return 'sky';
  if (/scale/i.test(name) && single) return 'scale';
  if (/depth|disp|points|distance/i.test(name)) return 'depth';
  if (extents.length < 2 || /intrin|extrin|normal|focal|fov|(^|_)k$/i.test(name)) return 'other';
  if (dtype === 'int64' || dtype === 'int32' || dtype === 'uint8' || dtype === 'int8') return 'classes';
  if (/mask|valid/i.test(name) && !/seg/i.test(name)) return 'mask';
  const channels = extents.at(-3);
  if (extents.length >= 4 && typeof channels === 'number' && channels > 1) return 'scores';
  return /seg|logits|label|class/i.test(name) ? 'scores' : 'other';
}

function isWhole(image: ForeignValue | undefined): boolean {
  const dtype = elementTypeOf(image?.elementType);
  return dtype !== undefined && dtype in INTEGER_RANGE;
}

function inputLine({ image, inputs }: Found): string {
  const rows = image?.shape?.slice(-3) ?? [];
  const fixed = rows.filter((extent) => typeof extent === 'number').length >= 2;
  const entries = [
    ...(inputs.length > 1 && image !== undefined ? [`name: ${quoted(image.name)}`] : []),
    ...(fixed ? [] : ['size: { pixels: 200704, multiple: 32 }']),
    'fit: letterbox',
    // Whole numbers are the camera's own.
    ...(isWhole(image) ? [] : ['mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]']),
  ];
  return `  input: { ${entries.join(', ')} }`;
}

/** What other inputs might be. */
function inputsLines({ image, inputs }: Found): string[] {
  const others = inputs.filter((input) => input !== image);
  if (others.length === 0) return [];
  return [`  inputs: { ${others.map((input) => `${quoted(input.name)}: ${feedOf(input)}`).join(', ')} }`];
}

function feedOf({ name, shape, elementType }: ForeignValue): string {
  const last: readonly (Dimension | undefined)[] = shape?.slice(-2) ?? [];
  if (last[0] === 3 && last[1] === 3) return /inv/i.test(name) ? 'inverse-intrinsics' : 'intrinsics';
  if (/ray/i.test(name)) return 'rays';
  if (/focal|(^|_)f(x|px)?$/i.test(name)) return 'focal-length';
  if (/cam|intrin/i.test(name) && last.at(-1) === 4) return 'fx-fy-cx-cy';
  if (/size|shape/i.test(name)) return 'height-width';
  if (/tokens/i.test(name)) return '1800';
  return elementTypeOf(elementType) === 'bool' ? 'true' : '0';
}

function depthLines(
  base: string,
  found: Found & { readonly depth: ForeignValue; readonly first: (role: Role) => ForeignValue | undefined },
): string[] {
  const { depth, first } = found;
  const extents = depth.shape ?? [];
  const channelsLast = extents.length >= 3 && extents.at(-1) === 3;
  const channels = channelsLast ? 3 : extents.length >= 4 ? extents.at(-3) : 1;
  const meaning = /disp|inverse/i.test(depth.name)
    ? 'affine-inverse-depth'
    : /point|depth/i.test(depth.name)
      ? 'affine-depth'
      : 'affine-inverse-depth';
  const optional = (key: string, value: ForeignValue | undefined) =>
    value === undefined ? [] : [`  ${key}: ${quoted(value.name)}`];
  return [
    'depth:',
    `  onnx: ${quoted(base)}`,
    inputLine(found),
    ...inputsLines(found),
    `  output: ${quoted(depth.name)}`,
    ...(channels === 3 && channelsLast ? ['  channel: 2 # z of points'] : []),
    ...(typeof channels === 'number' && channels > 1 && !channelsLast ? ['  channel: 0'] : []),
    `  values: { meaning: ${meaning} } # docs/import.md lists the others`,
    '  metric: false',
    ...optional('scale', first('scale')),
    ...optional('confidence', first('confidence')),
    ...optional('mask', first('mask')),
    ...optional('sky', first('sky')),
  ];
}

function labelLines(
  base: string,
  labels: readonly ForeignValue[],
  { image, inputs, alone }: Found & { readonly alone: boolean },
): string[] {
  const kindOf = (value: ForeignValue) => {
    const role = roleOf(value);
    return role === 'classes' ? 'classes' : role === 'mask' ? 'probability' : 'logits';
  };
  const channelsOf = ({ shape }: ForeignValue): number => {
    const channels = shape?.at(-3);
    return typeof channels === 'number' ? channels : 2;
  };
  const names = (count: number, from: string) =>
    Array.from({ length: count }, (_, i) => (i === 0 ? 'background' : `${from}-${i}`));
  const [one] = labels;
  const top = [
    'segmentation:',
    `  onnx: ${quoted(base)}`,
    ...(alone ? [inputLine({ image, inputs }), ...inputsLines({ image, inputs })] : []),
  ];
  if (labels.length === 1) {
    const kind = kindOf(one);
    const count = kind === 'classes' ? 19 : kind === 'probability' ? 2 : channelsOf(one);
    return [
      ...top,
      `  output: ${quoted(one.name)}`,
      `  values: ${kind}`,
      ...(kind === 'probability' ? ['  threshold: 0.5', '  background: background'] : []),
      `  classes: ${count === 19 ? 'cityscapes' : `[${names(count, 'class').map(quoted).join(', ')}]`}`,
    ];
  }
  const parts = labels.map((value) => ({
    value,
    labels: names(kindOf(value) === 'classes' ? 2 : channelsOf(value), value.name),
  }));
  const classes = [...new Set(parts.flatMap((part) => part.labels))];
  return [
    ...top,
    `  classes: [${classes.map(quoted).join(', ')}]`,
    '  heads:',
    ...parts.map(
      (part, i) =>
        `    - { output: ${quoted(part.value.name)}, values: ${kindOf(part.value)}, labels: [${part.labels.map((name, at) => (i > 0 && at === 0 ? 'null' : quoted(name))).join(', ')}] }`,
    ),
  ];
}

/** As it stands in YAML. */
function quoted(text: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(text) && !/^(null|true|false|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
