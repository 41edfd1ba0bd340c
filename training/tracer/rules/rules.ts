import type { OpRule } from '../lower/op-rule.js';
import { addNRule } from './add-n.js';
import { argMaxRules } from './arg-max.js';
import { fusedBatchNormRule } from './batch-norm.js';
import { binaryRules } from './binary.js';
import { castRule } from './cast.js';
import { clipByValueRule } from './clip-by-value.js';
import { concatRules } from './concat.js';
import { conv2dRule } from './conv2d.js';
import { conv2dBackpropFilterRule } from './conv2d-backprop-filter.js';
import { conv2dBackpropInputRule } from './conv2d-backprop-input.js';
import { cumprodRule } from './cumprod.js';
import { cumsumRule } from './cumsum.js';
import { depthToSpaceRule } from './depth-to-space.js';
import { depthwiseConv2dRules } from './depthwise-conv2d.js';
import { eluGradRule } from './elu-grad.js';
import { fillRules } from './fill.js';
import { fusedRules } from './fused.js';
import { gatherRules } from './gather.js';
import { identityRule } from './identity.js';
import { leakyReluRule } from './leaky-relu.js';
import { batchMatMulRule } from './mat-mul.js';
import { oneHotRule } from './one-hot.js';
import { padRules } from './pad.js';
import { poolRules } from './pool.js';
import { preluRule } from './prelu.js';
import { rangeRules } from './range.js';
import { reduceRules } from './reduce.js';
import { reshapeRules } from './reshape.js';
import { resizeRules } from './resize.js';
import { scatterRules } from './scatter.js';
import { selectRule } from './select.js';
import { sliceRules } from './slice.js';
import { softmaxRule } from './softmax.js';
import { stepRule } from './step.js';
import { tileRules } from './tile.js';
import { transposeRule } from './transpose.js';
import { unaryRules } from './unary.js';

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
