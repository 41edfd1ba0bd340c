import type { OpRule } from './op-rule.js';
import { addNRule } from './rules/add-n.js';
import { argMaxRules } from './rules/arg-max.js';
import { fusedBatchNormRule } from './rules/batch-norm.js';
import { binaryRules } from './rules/binary.js';
import { castRule } from './rules/cast.js';
import { clipByValueRule } from './rules/clip-by-value.js';
import { concatRules } from './rules/concat.js';
import { conv2dRule } from './rules/conv2d.js';
import { conv2dBackpropFilterRule } from './rules/conv2d-backprop-filter.js';
import { conv2dBackpropInputRule } from './rules/conv2d-backprop-input.js';
import { cumprodRule } from './rules/cumprod.js';
import { cumsumRule } from './rules/cumsum.js';
import { depthToSpaceRule } from './rules/depth-to-space.js';
import { depthwiseConv2dRules } from './rules/depthwise-conv2d.js';
import { eluGradRule } from './rules/elu-grad.js';
import { fillRules } from './rules/fill.js';
import { fusedRules } from './rules/fused.js';
import { gatherRules } from './rules/gather.js';
import { identityRule } from './rules/identity.js';
import { leakyReluRule } from './rules/leaky-relu.js';
import { batchMatMulRule } from './rules/mat-mul.js';
import { oneHotRule } from './rules/one-hot.js';
import { padRules } from './rules/pad.js';
import { poolRules } from './rules/pool.js';
import { preluRule } from './rules/prelu.js';
import { rangeRules } from './rules/range.js';
import { reduceRules } from './rules/reduce.js';
import { reshapeRules } from './rules/reshape.js';
import { resizeRules } from './rules/resize.js';
import { scatterRules } from './rules/scatter.js';
import { selectRule } from './rules/select.js';
import { sliceRules } from './rules/slice.js';
import { softmaxRule } from './rules/softmax.js';
import { stepRule } from './rules/step.js';
import { tileRules } from './rules/tile.js';
import { transposeRule } from './rules/transpose.js';
import { unaryRules } from './rules/unary.js';

/** Every kernel that can be traced. A new rule is added here; two rules for one kernel are refused. */
export const OP_RULES: readonly OpRule[] = [
  ...unaryRules,
  ...binaryRules,
  addNRule,
  castRule,
  clipByValueRule,
  eluGradRule,
  leakyReluRule,
  preluRule,
  selectRule,
  stepRule,
  identityRule,
  ...fillRules,
  ...rangeRules,
  ...reshapeRules,
  transposeRule,
  ...tileRules,
  ...sliceRules,
  ...padRules,
  ...concatRules,
  ...gatherRules,
  ...scatterRules,
  oneHotRule,
  ...reduceRules,
  ...argMaxRules,
  cumsumRule,
  cumprodRule,
  softmaxRule,
  batchMatMulRule,
  conv2dRule,
  conv2dBackpropInputRule,
  conv2dBackpropFilterRule,
  ...depthwiseConv2dRules,
  ...fusedRules,
  ...poolRules,
  depthToSpaceRule,
  fusedBatchNormRule,
  ...resizeRules,
];
