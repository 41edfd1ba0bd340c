import { BINARY_CASES } from './parity/binary-cases.js';
import { ELEMENTWISE_CASES } from './parity/elementwise-cases.js';
import { IMAGE_CASES } from './parity/image-cases.js';
import type { ParityCase } from './parity/parity-case.js';
import { PRODUCT_CASES } from './parity/product-cases.js';
import { REDUCTION_CASES } from './parity/reduction-cases.js';
import { SHAPE_CASES } from './parity/shape-cases.js';

/** What is compared with eager TensorFlow.js: every kind of operation. */
export const PARITY_CASES: readonly ParityCase[] = [
  ...ELEMENTWISE_CASES,
  ...BINARY_CASES,
  ...SHAPE_CASES,
  ...REDUCTION_CASES,
  ...PRODUCT_CASES,
  ...IMAGE_CASES,
];
