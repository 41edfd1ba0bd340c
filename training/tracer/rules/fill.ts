import { TrainingError } from '../../errors.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { TraceDtype } from '../trace/trace.js';

function never(): never {
  throw new TrainingError('uniform tensors are constants and are never lowered');
}

/** Kernels whose result is one number throughout: they make constants, whatever their size. */
export const fillRules: readonly OpRule[] = [
  opRule<{ shape: number[]; value: number; dtype: TraceDtype }>({
    kernelName: 'Fill',
    makesConstant: true,
    infer: ({ attributes: { shape, dtype } }) => [{ shape, dtype: dtype ?? 'float32' }],
    simplify: ({ attributes: { value } }) => ({ kind: 'uniform', value: Number(value) }),
    lower: never,
  }),
  opRule({
    kernelName: 'ZerosLike',
    makesConstant: true,
    infer: ({ inputs: { x } }) => [x],
    simplify: () => ({ kind: 'uniform', value: 0 }),
    lower: never,
  }),
  opRule({
    kernelName: 'OnesLike',
    makesConstant: true,
    infer: ({ inputs: { x } }) => [x],
    simplify: () => ({ kind: 'uniform', value: 1 }),
    lower: never,
  }),
];
