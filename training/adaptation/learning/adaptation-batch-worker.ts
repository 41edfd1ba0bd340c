import { workerData } from 'node:worker_threads';
import { serveBatches } from '../../datasets/batches/serve-batches.js';
import {
  type AdaptationBatch,
  type AdaptationBatchesOptions,
  AdaptationBatchMaker,
} from './adaptation-batches.js';

/** Worker thread that makes the batches of an adaptation. */
const maker = new AdaptationBatchMaker(workerData as AdaptationBatchesOptions);
serveBatches<AdaptationBatch>((step, recycled) => maker.make(step, recycled));
