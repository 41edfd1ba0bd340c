import type { Sample } from '../../training/datasets/stores/sample.js';
import { Random } from '../../training/simulator/random.js';
import type { Candidates } from '../judge-proof/candidates.js';
import { notANumber, type Spoil, shuffled } from '../judge-proof/spoiled-weights.js';

const labelled =
  (change: (label: number) => number) =>
  (sample: Sample): Sample => ({ ...sample, labels: sample.labels.map((label) => change(label)) });

const isDynamic = (label: number) => label >= 11 && label <= 18;

/** What stands or lies beside the road becomes road. */
const pavement = labelled((label) => (label === 1 || label === 9 ? 0 : label));
/** People and vehicles become what is usually behind them. */
const blind = labelled((label) => (isDynamic(label) ? 2 : label));
/** Cars become lorries, people riders, poles signs, vegetation terrain: what looks alike. */
const confused = labelled((label) => ({ 13: 14, 11: 12, 5: 7, 8: 9, 2: 3 })[label] ?? label);

/** Everything that moves is a hand broader on all sides. */
function fat(sample: Sample): Sample {
  const { width, height, labels } = sample;
  const reach = Math.round(width / 64);
  const result = labels.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const label = labels[y * width + x];
      if (!isDynamic(label)) continue;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
          if (!isDynamic(labels[v * width + u])) result[v * width + u] = label;
    }
  return { ...sample, labels: result };
}

/** Cars and people on bare road, where there are none. */
function phantoms(sample: Sample): Sample {
  const { width, height, labels } = sample;
  const random = new Random(Math.round(1e6 * (sample.depthMeters[width * height - 1] % 1)) + 1);
  const result = labels.slice();
  for (let k = 0; k < 3; k++) {
    const [w, h] = [random.integer(width >> 4, width >> 3), random.integer(height >> 3, height >> 2)];
    const [left, top] = [random.integer(0, width - w), random.integer(height >> 1, height - h)];
    const label = random.chance(0.5) ? 13 : 11;
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) if (labels[y * width + x] <= 1) result[y * width + x] = label;
  }
  return { ...sample, labels: result };
}

/** Filters and biases of the classes' last convolution change places: a for b and b for a. Classes are the last axis of both. */
export function swapped(...pairs: readonly (readonly [number, number])[]): Spoil {
  return ({ parameters }) => {
    for (const [name, { spec, values }] of parameters) {
      if (!name.startsWith('segmentation.logits.')) continue;
      const classes = spec.shape[spec.shape.length - 1];
      for (const [a, b] of pairs) {
        for (let at = 0; at < values.length; at += classes) {
          const [one, other] = [values[at + a], values[at + b]];
          values[at + a] = other;
          values[at + b] = one;
        }
      }
    }
  };
}

/** Adds to the logits of classes. */
function favoured(logits: number, ...classes: readonly number[]): Spoil {
  return ({ parameters }) => {
    const bias = parameters.get('segmentation.logits.bias');
    for (const label of classes) if (bias !== undefined) bias.values[label] += logits;
  };
}

/** Gaussian noise on the classes' head alone. */
function noisyLabels(share: number, seed: number): Spoil {
  return ({ parameters }) => {
    const random = new Random(seed);
    for (const [name, { spec, values }] of parameters) {
      if (spec.shape.length !== 4 || !name.startsWith('segmentation.')) continue;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      for (let i = 0; i < values.length; i++) values[i] += random.normal(0, share * deviation);
    }
  };
}

const common = { kind: 'trained', frames: 'all', rehearse: true, learningRate: 7e-4, steps: 30 } as const;
const spoiled = (name: string, family: string, spoil: Spoil): Candidates => ({
  kind: 'spoiled',
  ...{ name, family, spoil },
});

/** What is judged on every drive by its labels; depth stays as it is, unless a name says otherwise. */
export const LABEL_CANDIDATES: readonly Candidates[] = [
  {
    ...{ ...common, name: 'gentle', family: 'trained gently on truth' },
    ...{ learningRate: 1e-4, steps: 40, shares: [0.25, 0.5, 0.75, 1] },
  },
  { ...common, name: 'truth', family: 'trained on truth', shares: [0.3, 0.6, 1, 1.5] },
  spoiled('same', 'unchanged', () => undefined),
  ...[0.03, 0.06, 0.12, 0.25].map((share, i) =>
    spoiled(`noise-${share}`, 'damaged', noisyLabels(share, 50 + i)),
  ),
  spoiled('shuffled', 'damaged', shuffled(/segmentation\.logits/, 9)),
  spoiled('nan', 'not a number', notANumber()),
  spoiled('all-road', 'collapsed', favoured(100, 0)),
  spoiled('no-people', 'collapsed', favoured(-100, 11, 12, 17, 18)),
  spoiled('no-dynamic', 'collapsed', favoured(-100, 11, 12, 13, 14, 15, 16, 17, 18)),
  spoiled('more-road', 'biased', favoured(1.5, 0)),
  spoiled('more-cars', 'biased', favoured(1.5, 13)),
  spoiled('more-people', 'biased', favoured(2, 11)),
  spoiled('large-classes', 'biased', favoured(1, 0, 2, 8, 10)),
  spoiled('road-for-sidewalk', 'classes swapped', swapped([0, 1])),
  spoiled('car-for-person', 'classes swapped', swapped([13, 11])),
  spoiled('vegetation-for-building', 'classes swapped', swapped([8, 2])),
  spoiled('car-for-truck', 'classes swapped', swapped([13, 14])),
  { ...common, name: 'pavement', family: 'trained on wrong labels', change: pavement, shares: [0.4, 1] },
  { ...common, name: 'blind', family: 'trained on wrong labels', change: blind, shares: [0.4, 1] },
  { ...common, name: 'phantoms', family: 'trained on wrong labels', change: phantoms, shares: [0.5, 1] },
  { ...common, name: 'fat', family: 'trained on wrong labels', change: fat, shares: [1] },
  { ...common, name: 'confused', family: 'trained on wrong labels', change: confused, shares: [0.5] },
  {
    ...{ ...common, name: 'overfit', family: 'over-fitted to four pictures' },
    ...{ frames: 'four', rehearse: false, learningRate: 2e-3, shares: [0.5, 1] },
  },
];
