import type { Device, DeviceChoice } from '../../models/device.js';
import { deviceAbsence } from '../../models/device-presence.js';
import { ModelError } from '../../models/errors.js';
import type { InferenceSession, SessionOptions } from '../../models/onnxruntime.js';
import { openSession } from '../../models/open-session.js';
import { AUTO_ORDER } from '../../models/session-options.js';
import { TrainingError } from '../errors.js';
import type { Target } from './lower/target.js';

/** Precision of the arithmetic: `single`, or `mixed` with half-precision convolutions and matrix products. */
export type Precision = 'single' | 'mixed';

/** A model made for one device. */
export interface DeviceModel {
  /** ONNX ModelProto. */
  readonly bytes: Uint8Array;
  /** Names of nodes that must be left to the CPU. */
  readonly cpuNodes: readonly string[];
}

export interface OpenedModel<M extends DeviceModel> {
  readonly model: M;
  readonly session: InferenceSession;
  readonly device: Device;
}

export interface OpenOptions {
  readonly device?: DeviceChoice | undefined;
  readonly precision?: Precision | undefined;
  readonly threads?: number | undefined;
  readonly spinning?: boolean | undefined;
  readonly enableCpuMemArena?: boolean | undefined;
  readonly profilePrefix?: string | undefined;
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all' | undefined;
}

/**
 * Makes a model for the device asked for and opens it there. With `auto` it goes on to the next device where one is
 * missing or cannot be opened; the CPU comes last.
 * @throws ModelError saying what is missing, for a device asked for by name.
 * @throws TrainingError for mixed precision on the CPU.
 */
export async function openCompiled<M extends DeviceModel>(
  make: (target: Target) => M,
  options: OpenOptions,
): Promise<OpenedModel<M>> {
  const { device: choice = 'cpu', precision = 'single' } = options;
  const halfProducts = precision === 'mixed';
  for (const device of choice === 'auto' ? AUTO_ORDER : [choice]) {
    if (choice === 'auto' && deviceAbsence(device) !== undefined) continue;
    refuseMixedOnCpu(device, precision);
    const model = make({ device, halfProducts });
    try {
      const session = await open(model, device, options);
      return { model, session, device };
    } catch (error) {
      if (choice !== 'auto' || device === 'cpu' || !(error instanceof ModelError)) throw error;
    }
  }
  throw new TrainingError('no device could be opened');
}

/** @throws TrainingError for mixed precision on the CPU. */
export function refuseMixedOnCpu(device: DeviceChoice, precision: Precision): void {
  if (device !== 'cpu' || precision !== 'mixed') return;
  throw new TrainingError(
    'precision: expected `single` on the CPU, got mixed: half precision pays on GPUs only, choose the device cuda or webgpu',
  );
}

async function open(
  { bytes, cpuNodes }: DeviceModel,
  device: Device,
  { threads, spinning, enableCpuMemArena, profilePrefix, optimization }: OpenOptions,
): Promise<InferenceSession> {
  const create = async (_: string, given: SessionOptions): Promise<InferenceSession> => {
    const { InferenceSession } = await import('../../models/onnxruntime.js');
    return await InferenceSession.create(bytes, {
      ...given,
      executionProviders: given.executionProviders?.map((provider) =>
        typeof provider === 'object' && provider.name === 'webgpu'
          ? { ...provider, forceCpuNodeNames: cpuNodes }
          : provider,
      ),
      graphOptimizationLevel: optimization ?? 'all',
      enableCpuMemArena: enableCpuMemArena ?? true,
      // One block planned for all activations would come on top of what the arena took in the first run.
      enableMemPattern: false,
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
      extra: { session: { intra_op: { allow_spinning: spinning === true ? '1' : '0' } } },
    });
  };
  const opened = await openSession('the traced graph', device, threads, { absence: deviceAbsence, create });
  return opened.session;
}
