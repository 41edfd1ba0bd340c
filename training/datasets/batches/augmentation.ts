import type { Random } from '../../simulator/random.js';
import type { Sample } from '../stores/sample.js';

/** Ranges of the random changes of a training image. */
export interface AugmentationOptions {
  /** Width of the cropped window as a share of the sample's width; above 1 is not possible. */
  readonly crop: readonly [number, number];
  readonly flip: boolean;
  /** +- on brightness, contrast and saturation (factors around 1). SGDepth: 0.2. */
  readonly color: number;
  /** +- on hue, as a share of the full circle. SGDepth: 0.1. */
  readonly hue: number;
  /** Exponent drawn log-uniformly in [1 / gamma, gamma]. */
  readonly gamma: number;
  /** Upper bound of the noise's standard deviation, in 0..1 of the value range. */
  readonly noise: number;
  /** Probability of a grey image. */
  readonly gray: number;
  /** Whether light, weather and wear are drawn anew from the sample's depth and classes (`drawSceneLight`); default false. */
  readonly scene?: boolean;
  /** Probability that fog, a cover or the exposure hides what is there (`blindCamera`), after the scene's light; default 0. */
  readonly blind?: number;
  /** Probability of a drawn style (`stylise`), after all other changes; default 0. */
  readonly style?: number;
  /** Whether colour and hue change as torchvision's ColorJitter does it, half of the time (`drawColorJitter`); default false. */
  readonly jitter?: boolean;
}

/** Strong changes: a network that has only ever seen a simulator must not rely on its colours. */
export const STRONG_AUGMENTATION: AugmentationOptions = {
  crop: [0.7, 1],
  flip: true,
  color: 0.35,
  hue: 0.08,
  gamma: 1.5,
  noise: 0.04,
  gray: 0.1,
};

/** Strong changes, and streets under light and weather that the simulator does not render. */
export const SCENE_AUGMENTATION: AugmentationOptions = { ...STRONG_AUGMENTATION, scene: true };

/** Streets as those of `SCENE_AUGMENTATION`, a third of them painted, hatched, printed ... by `stylise`. */
export const STYLE_AUGMENTATION: AugmentationOptions = { ...SCENE_AUGMENTATION, style: 0.33 };

/** Crops and mirror images alone; colours stay as they were taken. */
export const NO_COLOR_AUGMENTATION: AugmentationOptions = {
  ...STRONG_AUGMENTATION,
  color: 0,
  hue: 0,
  gamma: 1,
  noise: 0,
  gray: 0,
};

/** A centred crop of the right shape, nothing else: for validation. */
export const NO_AUGMENTATION: AugmentationOptions = {
  crop: [1, 1],
  flip: false,
  color: 0,
  hue: 0,
  gamma: 1,
  noise: 0,
  gray: 0,
};

/** Where in the sample a training image is taken from: image pixel (x, y) shows sample pixel (left + (x + 0.5) * step - 0.5, ...). */
export interface Window {
  readonly left: number;
  readonly top: number;
  /** Sample pixels per image pixel. */
  readonly step: number;
  readonly flipped: boolean;
}

/** Draws a window with the aspect ratio of `width` x `height` inside the sample. */
export function drawWindow(
  sample: Sample,
  width: number,
  height: number,
  options: AugmentationOptions,
  random: Random,
): Window {
  const largest = Math.min(sample.width, (sample.height * width) / height);
  const cropWidth = largest * random.uniform(options.crop[0], options.crop[1]);
  const step = cropWidth / width;
  const fixed = options.crop[0] === options.crop[1];
  const place = fixed ? () => 0.5 : () => random.uniform();
  return {
    left: (sample.width - cropWidth) * place(),
    top: (sample.height - step * height) * place(),
    step,
    flipped: options.flip && random.chance(0.5),
  };
}

/** A random change of colours: rgb' = gamma(matrix * rgb + offset), values in 0..1. */
export interface ColorChange {
  /** 3x3, row-major. */
  readonly matrix: readonly number[];
  readonly offset: number;
  readonly gamma: number;
  readonly noise: number;
}

const LUMA = [0.299, 0.587, 0.114] as const;

/** Brightness, contrast, saturation and hue (a rotation about the grey axis) as one matrix, then gamma and noise. */
export function drawColorChange(options: AugmentationOptions, random: Random): ColorChange {
  const { color, hue, gamma, noise, gray } = options;
  const factor = () => random.uniform(1 - color, 1 + color);
  const brightness = factor();
  const contrast = factor();
  const saturation = random.chance(gray) ? 0 : factor();
  const angle = 2 * Math.PI * random.uniform(-hue, hue);
  const c = Math.cos(angle);
  const s = Math.sin(angle) / Math.sqrt(3);
  const rotation = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => (i === j ? c + (1 - c) / 3 : (1 - c) / 3 + ((j - i + 3) % 3 === 1 ? -s : s))),
  );
  const gain = brightness * contrast;
  const matrix = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => {
      const rotated = rotation[i * 3 + j] ?? 0;
      return gain * (saturation * rotated + (1 - saturation) * (LUMA[j] ?? 0));
    }),
  );
  return {
    matrix,
    offset: 0.45 * brightness * (1 - contrast),
    gamma: gamma === 1 ? 1 : random.logUniform(1 / gamma, gamma),
    noise: random.uniform(0, noise) * random.uniform(),
  };
}
