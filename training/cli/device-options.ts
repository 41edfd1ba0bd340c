import { Option } from 'commander';
import { DEVICE_CHOICES, type DeviceChoice } from '../../models/device.js';
import type { Precision } from '../tracer/open-compiled.js';
import { RECOMPUTATIONS, type Recomputation } from '../tracer/trace/recompute-activations.js';

/** What these options add to a command's flags. */
export interface DeviceFlags {
  readonly device: DeviceChoice;
  readonly compute: Precision;
  readonly recompute: Recomputation;
}

/** `--device`, of every command that trains by the compiled step. */
export const DEVICE = new Option(
  '--device <name>',
  'where the compiled step runs; `auto`: CUDA, WebGPU or the CPU, the first that is there',
)
  .choices(DEVICE_CHOICES)
  .default('cpu');

/** `--compute`, beside it. */
export const COMPUTE = new Option(
  '--compute <precision>',
  'half precision for convolutions with `mixed`: on GPUs only; weights and optimiser stay in single precision',
)
  .choices(['single', 'mixed'] satisfies Precision[])
  .default('single');

/** `--recompute`, beside it. */
export const RECOMPUTE = new Option(
  '--recompute <what>',
  'activations that the backward pass computes once more instead of keeping them (6 to 10 % less memory and a third more time on the CPU, see docs/measurements/tracer.md); `cheap`: all but those of convolutions and matrix products',
)
  .choices(RECOMPUTATIONS)
  .default('none');
