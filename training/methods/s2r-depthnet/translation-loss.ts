import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { leastSquaresGanLoss } from '../../losses/least-squares-gan-loss.js';
import { maskedL1Loss } from '../../losses/masked-l1-loss.js';
import {
  type MultiScaleDiscriminatorOptions,
  multiScaleDiscriminator,
} from '../../networks/multi-scale-discriminator.js';
import { STRUCTURE_ENCODER } from '../../networks/s2r-depthnet.js';
import type { Scope } from '../../networks/scope.js';
import { type StructureEncoderOptions, structureEncoder } from '../../networks/structure-encoder.js';
import { styleDecoder } from '../../networks/style-decoder.js';
import { styleEncoder } from '../../networks/style-encoder.js';
import type { MethodLoss } from '../../runs/method.js';
import { type S2rBatch, STYLE_NUMBERS } from './s2r-batch.js';

/** What step 1 reads of a batch. */
type TranslationBatch = Pick<S2rBatch, 'image' | 'styleImage' | 'drawnStyle' | 'drawnSourceStyle'>;

/** Networks of step 1, but for the shared structure encoder. */
export interface TranslationOptions {
  readonly structureEncoder: StructureEncoderOptions;
  /** Filters of the style encoders' first convolutions. */
  readonly styleFilters: number;
  /** Width of the perceptrons that styles go through. */
  readonly hidden: number;
  readonly discriminator: MultiScaleDiscriminatorOptions;
}

/** Source: Huang et al. 2018 (MUNIT), section 5.1 and appendix B.2. */
export const PAPER_TRANSLATION: Omit<TranslationOptions, 'structureEncoder'> = {
  styleFilters: 64,
  hidden: 256,
  discriminator: { filters: 64, layers: 4, scales: 3 },
};

/** Weights of the losses beside that of the adversaries, which is 1. Source: MUNIT, section 5.1: 10, 1 and 1. */
export interface TranslationWeights {
  readonly image: number;
  readonly structure: number;
  readonly style: number;
  /** Weight of the picture that is translated there and back; 0 in MUNIT's first experiments. */
  readonly cycle: number;
}

const DOMAINS = ['source', 'style'] as const;
type Domain = (typeof DOMAINS)[number];

/** What trains with the adversaries as one, and what against it; the encoder of structure is shared. */
export const GENERATORS = [
  STRUCTURE_ENCODER,
  ...DOMAINS.flatMap((domain) => [`${domain}_encoder`, `${domain}_decoder`]),
];
export const DISCRIMINATORS = DOMAINS.map((domain) => `${domain}_discriminator`);

/** The loss of discriminators that can tell nothing apart: 1/4 + 1/4 at each scale, of two domains. */
export function knowingNothing({ discriminator }: Pick<TranslationOptions, 'discriminator'>): number {
  return DOMAINS.length * discriminator.scales * 0.5;
}

/** The parts of step 1, on a scope. */
function parts(scope: Scope, { structureEncoder: structure, ...options }: TranslationOptions) {
  return {
    structure: (x: tf.Tensor4D) => structureEncoder(scope.child(STRUCTURE_ENCODER), x, structure),
    style: (domain: Domain, x: tf.Tensor4D) =>
      styleEncoder(scope.child(`${domain}_encoder`), x, {
        filters: options.styleFilters,
        style: STYLE_NUMBERS,
      }),
    decode: (domain: Domain, c: tf.Tensor4D, s: tf.Tensor2D) =>
      styleDecoder(scope.child(`${domain}_decoder`), c, s, {
        blocks: structure.blocks,
        hidden: options.hidden,
      }),
    judge: (domain: Domain, x: tf.Tensor4D) =>
      multiScaleDiscriminator(scope.child(`${domain}_discriminator`), x, options.discriminator),
  };
}

/**
 * What the structure encoder, style encoders and decoders learn from. Pictures are restored from their own structure and
 * style (in image). Structure and drawn style are restored from the translated pictures (in content and style). The
 * translated pictures are to look real (LSGAN). The structure encoder is one for both domains, which is S2R-DepthNet's change
 * of MUNIT. Source: S2R-DepthNet, section 3.2; Huang et al. 2018 (MUNIT), eq. 1 to 5; weights and LSGAN without its 1/2 as in
 * its code.
 */
export function generatorLoss(
  scope: Scope,
  batch: TranslationBatch,
  options: TranslationOptions,
  weights: TranslationWeights,
): MethodLoss {
  const { structure, style, decode, judge } = parts(scope, options);
  const views = viewsOf(batch);
  const seen = views.map((view) => {
    const { domain, picture } = view;
    const [content, own] = [structure(picture), style(domain, picture)];
    return { ...view, content, own, restored: decode(domain, content, own) };
  });
  const terms = seen.map(({ domain, other, picture, content, own, restored, drawn }) => {
    const translated = decode(other, content, drawn);
    const [contentAgain, styleAgain] = [structure(translated), style(other, translated)];
    const scores = judge(other, translated).map((score) => leastSquaresGanLoss(score, 1).mul<tf.Scalar>(2));
    return {
      image: maskedL1Loss(restored, picture),
      structure: maskedL1Loss(contentAgain, content),
      style: styleAgain.sub(drawn).abs().mean<tf.Scalar>(),
      adversarial: tf.addN(scores),
      ...(weights.cycle > 0 && { cycle: maskedL1Loss(decode(domain, contentAgain, own), picture) }),
    };
  });
  const total = (name: 'image' | 'structure' | 'style' | 'adversarial' | 'cycle'): tf.Scalar =>
    tf.addN(terms.flatMap((term) => term[name] ?? []));
  const metrics = {
    image: total('image'),
    structureKept: total('structure'),
    style: total('style'),
    adversarial: total('adversarial'),
  };
  let loss = metrics.adversarial
    .add<tf.Scalar>(metrics.image.mul(weights.image))
    .add<tf.Scalar>(metrics.structureKept.mul(weights.structure))
    .add<tf.Scalar>(metrics.style.mul(weights.style));
  if (weights.cycle > 0) loss = loss.add(total('cycle').mul(weights.cycle));
  return { loss, metrics };
}

/** What both discriminators learn from: real pictures towards 1, translated ones towards 0. Source: MUNIT, eq. 4; LSGAN. */
export function discriminatorLoss(
  scope: Scope,
  batch: TranslationBatch,
  options: TranslationOptions,
): MethodLoss {
  const { structure, decode, judge } = parts(scope, options);
  const losses = viewsOf(batch).flatMap(({ domain, other, picture, drawn }) => {
    const translated = decode(other, structure(picture), drawn);
    return [
      ...judge(domain, picture).map((score) => leastSquaresGanLoss(score, 1)),
      ...judge(other, translated).map((score) => leastSquaresGanLoss(score, 0)),
    ];
  });
  const loss = tf.addN(losses).mul<tf.Scalar>(2);
  return { loss, metrics: { discriminator: loss } };
}

/** The pictures of each domain, and the style of the other one that they are to have. */
function viewsOf({ image, styleImage, drawnStyle, drawnSourceStyle }: TranslationBatch) {
  if (styleImage === undefined || drawnStyle === undefined || drawnSourceStyle === undefined) {
    throw new TrainingError(
      's2r-depthnet: step 1 expects `styleImage` and drawn styles in the batch, they are missing',
    );
  }
  return [
    { domain: 'source', other: 'style', picture: image, drawn: drawnStyle },
    { domain: 'style', other: 'source', picture: styleImage, drawn: drawnSourceStyle },
  ] as const;
}

/** A picture restored, and translated to the style of the set that is in the middle of all. */
export function translate(scope: Scope, image: tf.Tensor4D, options: TranslationOptions) {
  const { structure, style, decode } = parts(scope, options);
  const content = structure(image);
  const translated = decode('style', content, tf.zeros([image.shape[0], STYLE_NUMBERS]));
  return {
    restored: decode('source', content, style('source', image)),
    translated,
    /** How much of the structure is found again in the translated picture: mean absolute difference. */
    structureKept: maskedL1Loss(structure(translated), content).reshape([1]),
  };
}

/** Computes all networks of step 1 once. */
export function declareTranslation(scope: Scope, image: tf.Tensor4D, options: TranslationOptions): void {
  const { judge } = parts(scope, options);
  const style = tf.zeros<tf.Rank.R2>([1, STYLE_NUMBERS]);
  const given = { image, styleImage: image, drawnStyle: style, drawnSourceStyle: style };
  generatorLoss(scope, given, options, { image: 1, structure: 1, style: 1, cycle: 0 });
  for (const domain of DOMAINS) judge(domain, image);
}
