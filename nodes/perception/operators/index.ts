// `rxdepth/operators`: the stages of the pipeline, `(options) => OperatorFunction`.
export { type CalibrateOptions, calibrate } from './calibrate.js';
export { type CheckOrderOptions, checkOrder } from './check-order.js';
export { dropOutdated, type Outdated } from './drop-outdated.js';
export { type EncodedFrame, type EncodeOptions, encode } from './encode.js';
export { inOrder } from './in-order.js';
export { type InferOptions, type InferredFrame, type Inferring, infer } from './infer.js';
export { latest } from './latest.js';
export { lossless } from './lossless.js';
export { type PairOptions, pair } from './pair.js';
export { type PublishOptions, publish } from './publish.js';
export { type ComparedFrame, type TrackMotionOptions, trackMotion } from './track-motion.js';
export { validate } from './validate.js';
export { withCameraInfo } from './with-camera-info.js';
