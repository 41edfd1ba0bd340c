import type { DeviceChoice } from '../../models/device.js';
import type { BatchArrays } from '../datasets/batches/batch-schema.js';
import type { Tensors } from '../optimizers/tensors.js';
import type { Parameters } from '../weights/parameters.js';
import type { BatchCounts } from './batch-counts.js';
import type { Facts, Size } from './data-role.js';
import type { UpdateResult } from './step-result.js';

/** What a method keeps on the host between steps (an overlap store, an image pool): saved and restored exactly. */
export interface HostState {
  /** Name of its tensors in the checkpoint. */
  readonly name: string;
  /** What it adds to a batch. @param index of the batch in the whole run. @param update that is about to be computed. */
  before(batch: BatchArrays, index: number, update: string): BatchArrays | Promise<BatchArrays>;
  /** Sees what an update gave for a batch. @returns more numbers to report. */
  after(result: UpdateResult, batch: BatchArrays): Readonly<Record<string, number>>;
  save(): Tensors;
  restore(saved: Tensors): void;
  release(): Promise<void>;
}

/** What a host state is made from. */
export interface HostContext {
  readonly facts: Facts;
  /** Name of the phase that it lives in, where it has one. */
  readonly phase?: string | undefined;
  /** Samples of each role in a batch. */
  readonly counts: BatchCounts;
  /** Current values, shared. */
  readonly parameters: Parameters;
  readonly size: Size;
  /** Steps of the run, batches of a step, and batches in which the first role's samples are seen once. */
  readonly steps: number;
  readonly batchesPerStep: number;
  readonly batchesPerEpoch: number;
  readonly threads: number;
  /** Where graphs of host states run; the CPU where left out. */
  readonly device?: DeviceChoice | undefined;
}
