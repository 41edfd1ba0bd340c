// `rxdepth/tracer`: functions of TensorFlow.js as ONNX graphs, forward and backward.
export { ModelError } from '../../models/errors.js';
export { TrainingError } from '../errors.js';
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
