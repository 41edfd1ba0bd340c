import * as tf from '@tensorflow/tfjs';
import type { Head, PerceptionNetwork } from '../networks/perception-network.js';
import { Scope } from '../networks/scope.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { ELEMENT_TYPES } from '../onnx/tensor-data.js';
import { traceDynamic } from '../tracer/trace-dynamic.js';
import { traceInto } from '../tracer/trace-into.js';
import type { Parameters } from '../weights/parameters.js';
import type { TensorLocation } from '../weights/safetensors.js';
import { WEIGHTS_FILE } from '../weights/weights-file.js';
import type { EmbeddedNetwork } from './perception-graph.js';

/** Sizes at which networks are traced: two, so that a size that got into the graph is noticed; of a fixed one twice the same. */
function tracedShapes({ multiple = 32, leastSize = 0, fixed }: PerceptionNetwork) {
  if (fixed !== undefined) {
    const shape = [1, fixed.height, fixed.width, 3] as const;
    return [shape, shape] as const;
  }
  const least = Math.max(2, Math.ceil(leastSize / multiple));
  return [
    [1, least * multiple, (least + 1) * multiple, 3],
    [1, (least + 1) * multiple, (least + 3) * multiple, 3],
  ] as const;
}

/** A network with its weights as pieces of a perception graph. Weights that no head uses are not declared. */
export function embedNetwork(
  network: PerceptionNetwork,
  parameters: Parameters,
  locations: ReadonlyMap<string, TensorLocation>,
): EmbeddedNetwork {
  const [shape, otherShape] = tracedShapes(network);
  const traced = lookThrough(network, shape);
  const other = lookThrough(network, otherShape);
  const isUsed = (name: string) =>
    traced.depth.has(name) || traced.logits.has(name) || traced.confidence.has(name);
  let weights = new Map<string, StoredWeight>();
  let features: Record<string, string> = {};
  // Only what a graph uses is widened in it: a branch's own weights must not be made outside of it.
  const weightInputs = (g: GraphBuilder, used: ReadonlySet<string>) =>
    Object.fromEntries(
      [...parameters]
        .filter(([name]) => used.has(name))
        .map(([name, { spec }]) => [
          `weight:${name}`,
          {
            value: widened(g, weights.get(name)),
            shape: [...spec.shape],
            dtype: 'float32' as const,
            layout: spec.shape.length === 4 ? ('OIHW' as const) : ('logical' as const),
          },
        ]),
    );
  const { depth, logits, confidence } = network;

  /** What a head makes of the features, inside a branch. */
  const compute = (g: GraphBuilder, head: Head, used: ReadonlySet<string>): string => {
    const inputs = Object.fromEntries(
      Object.entries(traced.features).map(([name, shape]) => [
        name,
        { value: features[name] ?? '', shape, dtype: 'float32' as const, layout: 'NCHW' as const },
      ]),
    );
    const outputs = traceDynamic(
      g,
      (given) => {
        const encoded = Object.keys(inputs).map((name) => [name, given[name] as tf.Tensor4D] as const); // features
        return { [HEAD]: head.compute(scopeOf(given), Object.fromEntries(encoded)) };
      },
      { ...inputs, ...weightInputs(g, used) },
      other.features,
    );
    return outputs[HEAD]?.value('NCHW') ?? '';
  };
  return {
    fixed: network.fixed,
    values(g, image) {
      weights = externalWeights(g, new Map([...locations].filter(([name]) => isUsed(name))));
      const outputs = traceDynamic(
        g,
        (inputs) => {
          const scope = scopeOf(inputs);
          const encoded = network.encode(scope, inputs.image as tf.Tensor4D); // of the shape below
          return { ...(depth && { [DEPTH]: depth.compute(scope, encoded) }), ...encoded };
        },
        {
          image: { value: image, shape, dtype: 'float32', layout: 'NCHW' },
          ...weightInputs(g, traced.depth),
        },
        { image: otherShape },
      );
      features = Object.fromEntries(
        Object.keys(traced.features).map((name) => [name, outputs[name]?.value('NCHW') ?? '']),
      );
      if (depth === undefined) return undefined;
      const coarse = outputs[DEPTH]?.value('NCHW') ?? '';
      const factor = 2 ** depth.scale;
      const scales = g.constant([1, 1, factor, factor], 'float32', [4]);
      return factor === 1 ? coarse : g.op('Resize', [coarse, '', scales], { mode: 'linear' });
    },
    logits(g) {
      if (logits === undefined) throw new RangeError('the network has no logits');
      return compute(g, logits, traced.logits);
    },
    logitScale: logits?.scale ?? 0,
    ...(confidence && { confidence: (g) => compute(g, confidence, traced.confidence) }),
  };
}

/** The depth head's name among the outputs of a trace. */
const DEPTH = 'depth value';
/** That of a head in a trace of its own. */
const HEAD = 'head value';

/** A weight declared in the graph. */
interface StoredWeight {
  readonly value: string;
  readonly dtype: 'F32' | 'F16';
}

/** Declares the weights as external data. */
function externalWeights(
  g: GraphBuilder,
  locations: ReadonlyMap<string, TensorLocation>,
): Map<string, StoredWeight> {
  return new Map(
    [...locations].map(([name, { dtype, shape, offset, length }]) => {
      const element = dtype === 'F32' ? 'float32' : 'float16';
      const value = g.externalConstant(name, element, shape, { location: WEIGHTS_FILE, offset, length });
      return [name, { value, dtype }];
    }),
  );
}

/** Half-precision weights are widened by a Cast, which onnxruntime folds when it loads the graph. */
function widened(g: GraphBuilder, weight: StoredWeight | undefined): string {
  if (weight === undefined) return '';
  return weight.dtype === 'F32' ? weight.value : g.op('Cast', [weight.value], { to: ELEMENT_TYPES.float32 });
}

/** What a network computes for an image of a shape. */
interface LookedThrough {
  /** Shapes of what is encoded. */
  readonly features: Readonly<Record<string, number[]>>;
  /** Parameters that encoding and the depth head use, those of the class logits, and those of the confidence. */
  readonly depth: ReadonlySet<string>;
  readonly logits: ReadonlySet<string>;
  readonly confidence: ReadonlySet<string>;
}

/** Traces a network once, into nothing. */
function lookThrough(
  network: PerceptionNetwork,
  shape: readonly [number, number, number, number],
): LookedThrough {
  const builder = new GraphBuilder('declaration');
  const [batch, height, width, channels] = shape;
  const value = builder.input('image', 'float32', [batch, channels, height, width]);
  const [depth, logits, confidence] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const features: Record<string, number[]> = {};
  const recording = (names: Set<string>) =>
    new Scope((spec) => {
      names.add(spec.name);
      return tf.zeros([...spec.shape]);
    }, false);
  traceInto(builder, {
    fn: ({ image }) => {
      const scope = recording(depth);
      const encoded = network.encode(scope, image as tf.Tensor4D); // of the shape below
      for (const [name, x] of Object.entries(encoded)) features[name] = [...x.shape];
      network.depth?.compute(scope, encoded);
      network.logits?.compute(recording(logits), encoded);
      network.confidence?.compute(recording(confidence), encoded);
      return {};
    },
    inputs: { image: { value, shape, dtype: 'float32', layout: 'NCHW' } },
  });
  return { features, depth, logits, confidence };
}

function scopeOf(inputs: Readonly<Record<string, tf.Tensor>>): Scope {
  const weights = Object.entries(inputs).filter(([name]) => name.startsWith('weight:'));
  return Scope.over(Object.fromEntries(weights.map(([name, value]) => [name.slice(7), value])), false);
}
