import { cpus } from 'node:os';
import { hasScalableDepth } from '../../models/manifest.js';
import type { LoadedModel } from '../../models/model-store.js';
import { NodeError } from '../errors.js';
import { InferenceEngine } from '../perception/engine/inference-engine.js';
import { SharedReply } from '../perception/engine/shared-reply.js';
import { type LiveSettings, SwappableEngine } from '../perception/engine/swappable-engine.js';
import { OUTPUTS, type OutputSpec } from '../perception/outputs.js';
import {
  advertisements,
  type OfferedOutput,
  type PerceptionTopics,
  perceptionTopics,
} from '../perception/perception-topics.js';
import { isEstimated } from '../perception/scale/scale-source.js';
import type { Parameters } from './parameters.js';

/** The engine's own facts, known as soon as it is open. */
export interface EngineFacts {
  readonly provider: string;
  readonly device: string;
}

/** What `configure` makes: a model in an engine, and the topics that follow from it. */
export interface LoadedPerception {
  readonly model: LoadedModel;
  readonly engine: SwappableEngine;
  /** What a frame is computed with now. */
  readonly settings: () => LiveSettings;
  readonly facts: Promise<EngineFacts>;
  /** Whether depths are metres; `later`: as soon as a scale was estimated. */
  readonly metric: boolean | 'later';
  /** Relative names. */
  readonly topics: PerceptionTopics;
  readonly outputs: readonly OfferedOutput[];
}

/** Settings of every frame, by the topics that it is published on. */
export type SettingsOf = (of: Pick<LoadedPerception, 'topics' | 'outputs'>) => LiveSettings;

/**
 * Starts an engine with a model while this thread waits, until it is warmed up.
 * @throws NodeError with the reason, or when it takes longer than `configure_timeout`.
 */
export function openPerception(
  model: LoadedModel,
  parameters: Parameters,
  settings: SettingsOf,
): LoadedPerception {
  isMetric(model, parameters); // before anything is started
  const started = new SharedReply();
  const opening = openEngine(model, parameters, { started: started.buffer });
  opening.catch(() => {}); // whoever awaits it is told
  const refusal = started.wait(parameters.configure_timeout * 1000);
  if (refusal === undefined) {
    opening.then((engine) => engine.close()).catch(() => {});
    throw new NodeError(
      `the model was not ready within ${parameters.configure_timeout} s (\`configure_timeout\`)`,
    );
  }
  if (refusal !== '') throw new NodeError(refusal);
  return perceptionOf(model, parameters, opening, settings);
}

/** What a node computes and publishes with a model that was loaded; its engine may still be opening. */
export function perceptionOf(
  model: LoadedModel,
  parameters: Parameters,
  opening: Promise<InferenceEngine>,
  settingsOf: SettingsOf,
): LoadedPerception {
  const metric = isMetric(model, parameters);
  // Relative, so that the namespace and remappings of the launch file apply.
  const topics = perceptionTopics('', {
    // What is wanted of these is decided by who listens.
    ...{ metric, model: model.manifest, motion: parameters.motion, tf: true, obstacles: true },
  });
  const outputs = advertisements(topics, parameters.compressed_outputs);
  const facts = opening.then(factsOf);
  facts.catch(() => {}); // whoever awaits it is told
  const settings = () => settingsOf({ topics, outputs });
  const engine = new SwappableEngine(model, opening, { settings });
  return { model, engine, settings, facts, metric, topics, outputs };
}

/**
 * @param extra to be told when the worker is ready
 * @throws NodeError when the parameters ask for what the model cannot give; or as the engine.
 */
export async function openEngine(
  model: LoadedModel,
  parameters: Parameters,
  extra: { readonly started?: SharedArrayBuffer } = {},
): Promise<InferenceEngine> {
  isMetric(model, parameters);
  const { graphPath } = model;
  const { device, threads, compute_nice, bit_depth, max_pixels } = parameters;
  return await InferenceEngine.open({
    ...{ graphPath, device, goal: 'latency', nice: compute_nice },
    ...(threads > 0 && { threads }),
    decoding: {
      ...(bit_depth > 0 && { bitDepth: bit_depth }),
      ...(max_pixels > 0 && { mostPixels: max_pixels }),
    },
    ...extra,
  });
}

function factsOf(engine: Pick<InferenceEngine, 'device'>): EngineFacts {
  return { provider: engine.device, device: engine.device === 'cpu' ? (cpus()[0]?.model ?? '') : '' };
}

/** Whether depths are metres. @throws NodeError when a factor is given and none can make them so. */
function isMetric({ manifest }: LoadedModel, { scale_source }: Parameters): boolean | 'later' {
  if (scale_source === 'none') return false;
  if (scale_source === 'model') return manifest.depth.metric;
  if (hasScalableDepth(manifest)) return scale_source === 'constant' || manifest.depth.metric || 'later';
  throw new NodeError(
    `no factor makes the depth of ${manifest.name} metric (${manifest.depth.kind}): \`scale_source\` cannot be \`${scale_source}\`; import the model with its scale and shift`,
  );
}

/** The parameters that decide what is computed. */
export type WantedParameters = Pick<
  Parameters,
  'depth_encoding' | 'points_stride' | 'min_confidence' | 'motion' | 'stabilize' | 'scale_source'
>;

/** What the next frame needs to be computed for those who listen. */
export function wantsFor(
  { outputs }: Pick<LoadedPerception, 'outputs'>,
  { depth_encoding, points_stride, min_confidence, motion, stabilize, scale_source }: WantedParameters,
  listenersOf: (topic: string) => number,
): LiveSettings['wants'] {
  const heard = outputs.filter(({ topic }) => listenersOf(topic) > 0);
  const computes = heard.map(({ key }): OutputSpec['computes'] => OUTPUTS[key].computes);
  const estimated = isEstimated(scale_source);
  // Of these all frames have to be compared, whoever listens.
  const always = estimated || (motion && stabilize);
  const maps = always || (motion && computes.some((one) => one.maps));
  return {
    depth: depth_encoding,
    labels: always || computes.some(({ labels }) => labels),
    ...(computes.some(({ confidence }) => confidence) && { confidence: true, minConfidence: min_confidence }),
    pointStride: computes.some(({ points }) => points) ? points_stride : 0,
    ...(maps && { maps }),
  };
}
