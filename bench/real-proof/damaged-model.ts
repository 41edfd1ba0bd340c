import type { PictureModel } from '../../models/model-runner.js';
import type { Perceived } from '../../models/perceive.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { DYNAMIC_CLASSES } from '../../training/losses/dynamic-masks.js';

/** Changes what a model says about a picture; arrays are [height, width]. */
export type Damage = (
  output: Perceived,
  size: { readonly width: number; readonly height: number },
) => Perceived;

/** A model whose outputs are damaged. */
export class DamagedModel implements PictureModel {
  readonly #model: PictureModel;
  readonly #damage: Damage;

  constructor(model: PictureModel, damage: Damage) {
    this.#model = model;
    this.#damage = damage;
  }

  get manifest(): PictureModel['manifest'] {
    return this.#model.manifest;
  }

  async run(picture: RgbPicture, intrinsics: Intrinsics): Promise<Perceived> {
    return this.#damage(await this.#model.run(picture, intrinsics), picture);
  }
}

/** All depths times a factor. */
export function scaled(factor: number): Damage {
  return ({ depth, labels }) => ({ labels, depth: depth.map((z) => z * factor) });
}

/** Log depth pulled towards its middle: 0 is one depth everywhere. */
export function flattened(share: number): Damage {
  return ({ depth, labels }) => {
    const logs = [...depth].filter((z) => z > 0 && z < Number.POSITIVE_INFINITY).map(Math.log);
    const middle = logs.reduce((a, b) => a + b, 0) / logs.length;
    return {
      labels,
      depth: depth.map((z) =>
        z > 0 && z < Number.POSITIVE_INFINITY ? Math.exp(middle + share * (Math.log(z) - middle)) : z,
      ),
    };
  };
}

/** Inverse depth averaged over squares of `2 radius + 1` pixels. */
export function blurred(radius: number): Damage {
  return ({ depth, labels }, { width, height }) => {
    const inverse = depth.map((z) => (z > 0 ? 1 / z : 0));
    const across = boxMean(inverse, { length: width, stride: 1, lines: height, pitch: width }, radius);
    return {
      labels,
      depth: boxMean(across, { length: height, stride: width, lines: width, pitch: 1 }, radius).map(
        (w) => 1 / w,
      ),
    };
  };
}

function boxMean(
  values: Float32Array,
  { length, stride, lines, pitch }: Record<'length' | 'stride' | 'lines' | 'pitch', number>,
  radius: number,
): Float32Array {
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let [sum, seen] = [0, 0];
      for (let k = Math.max(0, i - radius); k <= Math.min(length - 1, i + radius); k++) {
        sum += values[line * pitch + k * stride];
        seen++;
      }
      result[line * pitch + i * stride] = sum / seen;
    }
  }
  return result;
}

/** Vehicles and people as far as can be: what self-supervision without masks makes of what drives ahead. */
export const withHoles: Damage = ({ depth, labels }) => ({
  labels,
  depth: depth.map((z, i) => (labels !== undefined && DYNAMIC_CLASSES.includes(labels[i]) ? 99 : z)),
});

/** The left border too near, the right border too far. */
export function tilted(share: number): Damage {
  return ({ depth, labels }, { width }) => ({
    labels,
    depth: depth.map((z, i) => z * (1 - share + (2 * share * (i % width)) / width)),
  });
}

/** Beyond `meters` everything is half as far again. */
export function stretched(meters: number): Damage {
  return ({ depth, labels }) => ({ labels, depth: depth.map((z) => (z < meters ? z : z * 1.5)) });
}
