import { TrainingError } from '../../errors.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { Constant, ConstantData, TraceDtype } from '../trace/trace.js';

function never(): never {
  throw new TrainingError('ranges are constants and are never lowered');
}

const data = (values: ConstantData): Constant => ({ kind: 'data', data: values });

interface RangeAttributes {
  start: number;
  stop: number;
  step: number;
  dtype: TraceDtype;
}

function rangeLength({ start, stop, step }: RangeAttributes): number {
  return Math.max(0, Math.ceil((stop - start) / step));
}

/** Kernels without inputs that count: they make constants. */
export const rangeRules: readonly OpRule[] = [
  opRule<RangeAttributes>({
    kernelName: 'Range',
    makesConstant: true,
    infer: ({ attributes }) => [{ shape: [rangeLength(attributes)], dtype: attributes.dtype }],
    simplify: ({ attributes }) => {
      const values = Array.from(
        { length: rangeLength(attributes) },
        (_, i) => attributes.start + i * attributes.step,
      );
      return data(attributes.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values));
    },
    lower: never,
  }),
  opRule<{ start: number; stop: number; num: number }>({
    kernelName: 'LinSpace',
    makesConstant: true,
    infer: ({ attributes: { num } }) => [{ shape: [num], dtype: 'float32' }],
    simplify: ({ attributes: { start, stop, num } }) =>
      data(Float32Array.from({ length: num }, (_, i) => start + (i * (stop - start)) / Math.max(1, num - 1))),
    lower: never,
  }),
];
