// `rxdepth`: the pipeline and the replay of recordings.
export { ModelError } from '../models/errors.js';
export { type LoadedModel, loadModel } from '../models/model-store.js';
export { resolveModel } from '../models/resolve-model.js';
export { MessageError } from '../msgs/errors.js';
export { type ReplayBagOptions, replayBag } from './cli/replay-bag.js';
export type { ReplaySummary } from './cli/replay-summary.js';
export { NodeError } from './errors.js';
export { EngineError } from './perception/engine/engine-error.js';
export { InferenceEngine } from './perception/engine/inference-engine.js';
export type { Fault } from './perception/fault.js';
export { FlowControl } from './perception/flow-control.js';
export type { CameraFrame, CameraImage, FrameOrFault } from './perception/frame.js';
export { type PipelineOptions, perceptionPipeline } from './perception/perception-pipeline.js';
export { advertisements, type PerceptionTopics, perceptionTopics } from './perception/perception-topics.js';
export { PipelineStatistics } from './perception/pipeline-statistics.js';
export { BagSink } from './transport/bag/bag-sink.js';
export { type BagSourceOptions, bagSource } from './transport/bag/bag-source.js';
export type { InputMessage, OutputMessage, OutputTopic, Sink } from './transport/transport.js';
