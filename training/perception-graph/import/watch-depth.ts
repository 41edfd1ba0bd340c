import { TrainingError } from '../../errors.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { FARTHEST_METERS, NEAREST_METERS } from '../inverse-depth.js';
import type { DepthImport, MapPlace } from './import-schema.js';
import { isInverse } from './imported-depth.js';
import type { ImportedNetwork } from './imported-network.js';
import { SeenNumbers } from './seen-numbers.js';
import { mapNumbers, type SeenOutput, type WatchedOutput } from './watched-output.js';

/** How far a number may lie beside 0..1 and still be a probability, or a disparity. */
const ROUNDING = 0.01;

/** What a description says of a depth network's outputs. */
export function watchDepth(network: ImportedNetwork, depth: DepthImport): WatchedOutput[] {
  const { scale, confidence, mask, sky } = depth;
  const at = (place: MapPlace) => network.output(place.output ?? depth.output);
  return [
    watchMap(network, at(depth), depth, new DepthNumbers(depth)),
    ...(scale === undefined ? [] : [watchFactor(network, network.output(scale))]),
    ...(confidence === undefined
      ? []
      : [watchMap(network, at(confidence), confidence, new ConfidenceNumbers(confidence.values))]),
    ...(mask === undefined
      ? []
      : [watchMap(network, at(mask), mask, new ThresholdNumbers('mask', mask.threshold))]),
    ...(sky === undefined
      ? []
      : [watchMap(network, at(sky), sky, new ThresholdNumbers('sky', sky.threshold))]),
  ];
}

/** Numbers of a map, and what is wrong with them. */
interface MapNumbers {
  add(numbers: Float32Array): void;
  isSure(): boolean;
  /** Undefined where nothing is. */
  fault(): string | undefined;
  warnings(): readonly string[];
}

function watchMap(
  network: ImportedNetwork,
  output: ForeignValue,
  place: MapPlace,
  numbers: MapNumbers,
): WatchedOutput {
  const text = `${network.file}: output \`${output.name}\``;
  return {
    network,
    output,
    see: (seen) => numbers.add(mapNumbers(seen, output, place, network)),
    isSure: () => numbers.isSure(),
    judge() {
      const fault = numbers.fault();
      if (fault !== undefined) throw new TrainingError(`${text} ${fault}`);
      return numbers.warnings().map((warning) => `warning: ${text} ${warning}`);
    },
  };
}

/** What the network gives as depth: somewhere it must be one. */
class DepthNumbers implements MapNumbers {
  readonly #depth: DepthImport;
  readonly #seen = new SeenNumbers();
  #usable = 0;
  #far = 0;

  constructor(depth: DepthImport) {
    this.#depth = depth;
  }

  add(numbers: Float32Array): void {
    this.#seen.add(numbers);
    const { scale, farMeters = FARTHEST_METERS } = this.#depth;
    // A factor that the network gives may bring any unit to metres.
    const [nearest, farthest] = scale === undefined ? [NEAREST_METERS, farMeters] : [0, Number.MAX_VALUE];
    for (const number of numbers) {
      const meters = metersOf(number, this.#depth);
      if (meters > nearest && meters < farthest) this.#usable += 1;
      if (meters >= farthest) this.#far += 1;
    }
  }

  isSure(): boolean {
    return this.#usable > 0;
  }

  fault(): string | undefined {
    if (this.#usable > 0) return undefined;
    const { values, farMeters } = this.#depth;
    const seen = `gives no usable depth for any of the trial's pictures: its numbers are ${this.#seen}`;
    if (this.#seen.finite === 0) return `${seen}; check \`input\`, and the network itself`;
    const becomes =
      this.#far === 0
        ? `at most ${NEAREST_METERS} m`
        : this.#far === this.#seen.finite
          ? 'infinitely far'
          : `at most ${NEAREST_METERS} m, or infinitely far`;
    const far = farMeters === undefined ? '' : `, \`farMeters: ${farMeters}\``;
    return `${seen}, all ${becomes} by \`values: { meaning: ${values.meaning} }\`${far}; check both, and \`input\``;
  }

  warnings(): readonly string[] {
    const { least, most } = this.#seen;
    const isDisparity = this.#depth.values.meaning === 'disparity';
    if (!isDisparity || (least >= -ROUNDING && most <= 1 + ROUNDING)) return [];
    return [
      `gives numbers of ${this.#seen}; \`meaning: disparity\` expects 0 to 1: is it \`inverse-depth\`, or \`affine-inverse-depth\`?`,
    ];
  }
}

/** Depth by what a description says of a number, as the graph computes it; not cut to a range. */
function metersOf(number: number, { values }: DepthImport): number {
  const numbers = ((): number => {
    switch (values.meaning) {
      case 'disparity':
        return number * (1 / values.minMeters - 1 / values.maxMeters) + 1 / values.maxMeters;
      case 'inverse-depth':
        return number / values.metersPerUnit;
      case 'depth':
      case 'distance':
        return number * values.metersPerUnit;
      case 'log-depth':
        return Math.exp(number) * values.metersPerUnit;
      case 'affine-inverse-depth':
      case 'affine-depth':
        return number * (values.scale ?? 1) + (values.shift ?? 0);
    }
  })();
  if (!isInverse(values)) return numbers;
  return numbers <= 0 ? Number.POSITIVE_INFINITY : 1 / numbers;
}

class ConfidenceNumbers implements MapNumbers {
  readonly #values: NonNullable<DepthImport['confidence']>['values'];
  readonly #seen = new SeenNumbers();

  constructor(values: NonNullable<DepthImport['confidence']>['values']) {
    this.#values = values;
  }

  add(numbers: Float32Array): void {
    this.#seen.add(numbers);
  }

  isSure(): boolean {
    return false;
  }

  fault(): string | undefined {
    if (this.#seen.finite > 0) return undefined;
    return `gives ${this.#seen} as confidence for all of the trial's pictures`;
  }

  warnings(): readonly string[] {
    const { least, most } = this.#seen;
    const is = `gives numbers of ${this.#seen} as confidence; \`values: ${this.#values}\` expects`;
    if (this.#values === 'probability' && (least < -ROUNDING || most > 1 + ROUNDING))
      return [`${is} 0 to 1, and is cut to that: say \`values: logits\`, \`one-plus-exp\` or \`error\``];
    return this.#values === 'one-plus-exp' && most < 1 - ROUNDING ? [`${is} 1 and more`] : [];
  }
}

/** A mask, or the sky: not all of every picture. */
class ThresholdNumbers implements MapNumbers {
  readonly #role: 'mask' | 'sky';
  readonly #threshold: number;
  readonly #seen = new SeenNumbers();

  constructor(role: 'mask' | 'sky', threshold: number) {
    this.#role = role;
    this.#threshold = threshold;
  }

  add(numbers: Float32Array): void {
    this.#seen.add(numbers);
  }

  isSure(): boolean {
    return !this.#leavesNothing();
  }

  /** Pictures that were drawn may be all sky to a network: numbers that differ are given the benefit of the doubt. */
  fault(): string | undefined {
    const isSame = this.#seen.finite === 0 || this.#seen.least === this.#seen.most;
    return isSame && this.#leavesNothing() ? this.#text() : undefined;
  }

  warnings(): readonly string[] {
    return this.#leavesNothing() ? [this.#text()] : [];
  }

  #leavesNothing(): boolean {
    const { least, most, finite } = this.#seen;
    if (this.#role === 'mask') return finite > 0 && most < this.#threshold;
    return finite > 0 && least >= this.#threshold;
  }

  #text(): string {
    return `leaves no depth in any of the trial's pictures: its numbers are ${this.#seen}, the \`threshold\` of \`${this.#role}\` is ${this.#threshold}; is it another output, or has it another threshold?`;
  }
}

/** The one number that the depth is multiplied by. */
function watchFactor(network: ImportedNetwork, output: ForeignValue): WatchedOutput {
  let isGood = false;
  return {
    network,
    output,
    see({ file, name, shape, numbers }: SeenOutput) {
      const text = `${file}: output \`${name}\``;
      if (numbers.length !== 1)
        throw new TrainingError(
          `${text} has the shape [${shape.join(', ')}]; expected one number, since it is the \`scale\` of the depth`,
        );
      const [factor = Number.NaN] = numbers;
      if (!(factor > 0 && Number.isFinite(factor)))
        throw new TrainingError(`${text} is ${factor} for a trial picture; expected a \`scale\` above 0`);
      isGood = true;
    },
    isSure: () => isGood,
    judge: () => [],
  };
}
