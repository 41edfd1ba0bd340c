import { TrainingError } from '../../errors.js';
import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { unknownDepth } from '../inverse-depth.js';
import { networkView, shownImage } from '../network-view.js';
import type { PerceptionStages } from '../perception-contract.js';
import type { EmbeddedModel } from './embedded-model.js';
import type { DepthImport } from './import-schema.js';
import { importedConfidence, importedDepth } from './imported-depth.js';
import { importedLabels } from './imported-labels.js';
import type { ImportedNetwork } from './imported-network.js';
import type { LabelHead } from './label-heads.js';

/** Where depth and labels come from. */
export interface ImportedParts {
  readonly depth?:
    | { readonly from: 'network'; readonly network: ImportedNetwork; readonly description: DepthImport }
    | { readonly from: 'model'; readonly model: EmbeddedModel }
    | undefined;
  /** Its network may be that of the depth. */
  readonly labels?:
    | { readonly from: 'network'; readonly network: ImportedNetwork; readonly heads: readonly LabelHead[] }
    | { readonly from: 'model'; readonly model: EmbeddedModel }
    | undefined;
}

/** Depth and labels of imported networks and models as the stages of a perception graph. */
export function importedStages({ depth, labels }: ImportedParts): PerceptionStages {
  return {
    depth(g, camera) {
      if (depth === undefined) return unknownDepth(g, camera);
      return depth.from === 'model'
        ? depth.model.compute(g, 'depth')
        : importedDepth(g, camera, depth.description, depth.network);
    },
    labels(g, camera) {
      if (labels === undefined) throw new TrainingError('a model without segmentation has no labels');
      return labels.from === 'model'
        ? labels.model.labels(g, camera)
        : importedLabels(g, camera, labels.heads, labels.network);
    },
    // Without depth there is nothing to compare frames by, and nothing to trust.
    ...(depth !== undefined && { ...comparing(depth), ...trusting(depth) }),
  };
}

function trusting(depth: NonNullable<ImportedParts['depth']>): Pick<PerceptionStages, 'confidence'> {
  if (depth.from === 'model') {
    const { model } = depth;
    return model.gives('confidence') ? { confidence: (g) => model.compute(g, 'confidence') } : {};
  }
  const { network, description } = depth;
  const { confidence } = description;
  if (confidence === undefined) return {};
  return {
    confidence: (g, camera) => importedConfidence(g, camera, { ...description, confidence }, network),
  };
}

/** More pixels make the comparison of frames slower, not better. */
const MOST_COMPARED_PIXELS = 1 << 17;

/**
 * The image by which frames are compared. They are what the network sees, where that is all of the image in its aspect ratio
 * and not too large. Else they are the image resized for this alone.
 */
function comparing(depth: NonNullable<ImportedParts['depth']>): Pick<PerceptionStages, 'networkImage'> {
  if (depth.from === 'model') {
    const { model } = depth;
    return model.gives('network_image')
      ? { networkImage: (g) => planesOf(g, model.compute(g, 'network_image')) }
      : {};
  }
  const { network } = depth;
  return {
    networkImage(g, camera) {
      const { size, fit } = network.view;
      const pixels = 'height' in size ? size.height * size.width : size.pixels;
      const whole = fit === 'letterbox' && pixels <= MOST_COMPARED_PIXELS;
      const own = {
        size: { pixels: Math.min(pixels, MOST_COMPARED_PIXELS), multiple: 1 },
        fit: 'letterbox' as const,
      };
      const view = whole ? network.seen(g, camera) : networkView(g, camera, own);
      return shownImage(g, camera, view, 'left-out');
    },
  };
}

/** uint8 [h, w, 3] as float32 [1, 3, h, w]. */
function planesOf(g: GraphBuilder, image: string): string {
  const planes = g.op('Transpose', [g.op('Cast', [image], { to: ELEMENT_TYPES.float32 })], {
    perm: [2, 0, 1],
  });
  return g.op('Unsqueeze', [planes, g.constant([0], 'int64', [1])]);
}
