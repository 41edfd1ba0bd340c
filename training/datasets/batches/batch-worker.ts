import { workerData } from 'node:worker_threads';
import { BatchMaker } from './batch-maker.js';
import type { BatchArrays } from './batch-schema.js';
import type { BatchesOptions } from './role-batches.js';
import { serveBatches } from './serve-batches.js';

/** Worker thread that makes the batches of a run. */
const maker = new BatchMaker(workerData as BatchesOptions);
serveBatches<BatchArrays>((step, recycled) => maker.make(step, recycled));
