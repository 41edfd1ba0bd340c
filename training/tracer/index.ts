// `rxdepth/tracer`: functions of TensorFlow.js as ONNX graphs, forward and backward.
export type { DeviceChoice } from '../../models/device.js';
export { ModelError } from '../../models/errors.js';
export { TrainingError } from '../errors.js';
export type { LossScale } from '../optimizers/loss-scale.js';
export {
  CompiledFunction,
  type CompiledOutput,
  type CompileOptions,
  compile,
  type TensorBuffer,
  type TraceInput,
} from './compile.js';
export {
  compileTrainingStep,
  type LossResult,
  type StepParameter,
  type StepResult,
  TrainingStep,
  type TrainingStepDefinition,
} from './compile-training-step.js';
export type { Layout, Order } from './lower/layout.js';
export type { Precision } from './open-compiled.js';
export type { TracerPasses } from './trace/passes.js';
export type { Recomputation } from './trace/recompute-activations.js';
export type { ConstantData, TensorType, TraceDtype } from './trace/trace.js';
