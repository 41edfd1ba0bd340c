import type { TrainableModel } from '../../training/perception-graph/load-weights.js';
import { Random } from '../../training/simulator/random.js';

/** Changes weights in place. */
export type Spoil = (model: TrainableModel) => void;

/** Gaussian noise of this share of each filter's own deviation. */
export function noisy(share: number, seed: number): Spoil {
  return ({ parameters }) => {
    const random = new Random(seed);
    for (const { spec, values } of parameters.values()) {
      if (spec.shape.length !== 4) continue;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      for (let i = 0; i < values.length; i++) values[i] += random.normal(0, share * deviation);
    }
  };
}

/** The numbers of every filter whose name matches, in random order. @throws where there is none: it would change nothing. */
export function shuffled(part: RegExp, seed: number): Spoil {
  return ({ parameters }) => {
    const random = new Random(seed);
    const filters = [...parameters].filter(([name, { spec }]) => spec.shape.length === 4 && part.test(name));
    if (filters.length === 0) throw new RangeError(`no filter of the network is called ${part}`);
    for (const [, { values }] of filters) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = random.integer(0, i);
        [values[i], values[j]] = [values[j], values[i]];
      }
    }
  };
}

/** The last convolution of the depth head, multiplied: 0 gives one depth everywhere, 0.5 squeezes all depths. */
export function squeezed(factor: number): Spoil {
  return ({ parameters }) => {
    for (const [name, { values }] of parameters) {
      if (/dispconv_\d+\.weight$/.test(name)) for (let i = 0; i < values.length; i++) values[i] *= factor;
    }
  };
}

/** Adds to the disparity's logit: about the same factor on all depths that are not near. */
export function shifted(logits: number): Spoil {
  return ({ parameters }) => {
    for (const [name, { values }] of parameters) {
      if (/dispconv_\d+\.bias$/.test(name)) for (let i = 0; i < values.length; i++) values[i] += logits;
    }
  };
}

/** One weight is not a number. */
export function notANumber(): Spoil {
  return ({ parameters }) => {
    for (const [name, { values }] of parameters) if (/dispconv_\d+\.bias$/.test(name)) values[0] = Number.NaN;
  };
}
