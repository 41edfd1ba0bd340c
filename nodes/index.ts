// `rxdepth`: the pipeline and the replay of recordings.

export type { DecodeOptions } from '../models/decode-image.js';
export type { Device } from '../models/device.js';
export { ModelError } from '../models/errors.js';
export type { Manifest } from '../models/manifest.js';
export { type LoadedModel, loadModel } from '../models/model-store.js';
export { resolveModel } from '../models/resolve-model.js';
export type { VersionId } from '../models/versions/version-id.js';
export type {
  Promotion,
  StoredVersion,
  VersionStore,
  VersionStoreOptions,
} from '../models/versions/version-store.js';
export { MessageError } from '../msgs/errors.js';
export type { GroundPlane } from '../vision/ground-plane.js';
export type { ProgressStream } from './cli/progress-line.js';
export { type ReplayBagOptions, replayBag } from './cli/replay-bag.js';
export type { ReplayOptions, ScaleChoice } from './cli/replay-options.js';
export type { ReplayedPart } from './cli/replay-span.js';
export type { ReplaySummary } from './cli/replay-summary.js';
export { NodeError } from './errors.js';
export { EngineError } from './perception/engine/engine-error.js';
export type { FrameMaps } from './perception/engine/frame-maps.js';
export { type EngineOptions, InferenceEngine } from './perception/engine/inference-engine.js';
export type {
  DepthEncoding,
  InferenceRequest,
  InferenceResult,
  InferenceTimings,
  PerceptionMessages,
  Wants,
} from './perception/engine/inference-request.js';
export type { Fault } from './perception/fault.js';
export { FlowControl } from './perception/flow-control.js';
export type { CameraFrame, CameraImage, FrameOrFault } from './perception/frame.js';
export type { DepthFactors } from './perception/motion/depth-factors.js';
export type { EgoMotion } from './perception/motion/ego-motion.js';
export type { MotionEngine } from './perception/motion/motion-engine.js';
export type {
  FrameMotion,
  LidarScan,
  MotionAnswer,
  MotionRequest,
  ScaleMeasurements,
} from './perception/motion/motion-protocol.js';
export type { ObstacleMessages } from './perception/obstacles/obstacle-judge.js';
export type { ObstacleBand, ObstacleRequest } from './perception/obstacles/obstacle-request.js';
export type { ObstacleRequests, ObstacleRequestsOptions } from './perception/obstacles/obstacle-requests.js';
export type {
  OdometryMessages,
  OdometryOutput,
  OdometryOutputOptions,
} from './perception/odometry/odometry-output.js';
export type { OutputKey } from './perception/outputs.js';
export { type PipelineOptions, perceptionPipeline } from './perception/perception-pipeline.js';
export {
  advertisements,
  type Offer,
  type OfferedOutput,
  type PerceptionTopics,
  perceptionTopics,
} from './perception/perception-topics.js';
export {
  type FaultGroup,
  PipelineStatistics,
  type StageSummary,
  type StatisticsObserver,
  type Warning,
} from './perception/pipeline-statistics.js';
export type { FrameScale, MetricScale, MetricScaleOptions } from './perception/scale/metric-scale.js';
export type { ScaleSource } from './perception/scale/scale-source.js';
export type { TrackMessages } from './perception/tracks/track-messages.js';
export { BagSink } from './transport/bag/bag-sink.js';
export { type BagSourceOptions, bagSource } from './transport/bag/bag-source.js';
export type { InputMessage, OutputMessage, OutputTopic, Sink } from './transport/transport.js';
