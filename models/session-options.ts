import type { Device, DeviceChoice } from './device.js';
import { deviceAbsence } from './device-presence.js';
import { ModelError } from './errors.js';
import { LOW_PASS_RESIZE_NODE } from './graph-contract.js';
import type { ExecutionProviderConfig, SessionOptions } from './onnxruntime.js';

/** Order in which `auto` tries the devices. */
export const AUTO_ORDER: readonly Device[] = ['cuda', 'webgpu', 'cpu'];

/** More than computers have cores for: each thread takes memory, and their start takes minutes. */
export const MOST_THREADS = 256;

/**
 * Options of every onnxruntime session of this project.
 *
 * `auto` means the first device of AUTO_ORDER that nothing speaks against; open-session.ts also falls back when the
 * session cannot be created there. Threads do not spin while they wait: on few cores spinning takes the time of
 * decoding, writing and ROS.
 * @param threads of one operator, on the CPU; onnxruntime's own choice when left out.
 * @throws ModelError when `threads` is not a positive integer.
 */
export function sessionOptions(device: DeviceChoice, threads?: number): SessionOptions {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw new ModelError(`threads: expected \`a positive integer\`, got ${threads}`);
  }
  const chosen = device === 'auto' ? firstPresent() : device;
  return {
    executionProviders: [provider(chosen)],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // What fails is told by the exception: a line of onnxruntime's own beside it would disturb the progress line.
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}

/** What onnxruntime is asked for; its typings lack an option that its WebGPU provider has. */
function provider(device: Device): ExecutionProviderConfig {
  if (device === 'cpu') return 'cpu';
  if (device === 'cuda') return { name: 'cuda' };
  const webgpu = { name: 'webgpu', forceCpuNodeNames: [LOW_PASS_RESIZE_NODE] } as const;
  return webgpu;
}

function firstPresent(): Device {
  return AUTO_ORDER.find((device) => deviceAbsence(device) === undefined) ?? 'cpu';
}
