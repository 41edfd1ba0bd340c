import type * as tf from '@tensorflow/tfjs';
import { DRN_D_22_WIDTHS, type DrnWidths, drnD22 } from './drn-d-22.js';
import { type MapDecoderOptions, mapDecoder, PAPER_ATTENTION_DECODER } from './map-decoder.js';
import type { Scope } from './scope.js';

export interface AttentionModuleOptions {
  readonly encoder: DrnWidths;
  readonly decoder: MapDecoderOptions;
}

/** Source: S2R-DepthNet, section 4.1. 25,259,761 parameters. */
export const PAPER_ATTENTION: AttentionModuleOptions = {
  encoder: DRN_D_22_WIDTHS,
  decoder: PAPER_ATTENTION_DECODER,
};

/**
 * M_a: which structure matters for depth, by what a picture shows: a dilated residual network, whose features are
 * decoded to a map. Parameters `encoder.layer0.0` ... and `decoder.up1` ...
 * @param image [B, H, W, 3] in [-1, 1], H and W multiples of 8.
 * @returns [B, H, W, 1] in 0..1.
 * Source: S2R-DepthNet, sections 3.3 and 4.1.
 */
export function attentionModule(
  scope: Scope,
  image: tf.Tensor4D,
  { encoder, decoder }: AttentionModuleOptions = PAPER_ATTENTION,
): tf.Tensor4D {
  return mapDecoder(scope.child('decoder'), drnD22(scope.child('encoder'), image, encoder), decoder);
}
