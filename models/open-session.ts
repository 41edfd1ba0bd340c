import type { Device, DeviceChoice } from './device.js';
import { deviceAbsence } from './device-presence.js';
import { ModelError } from './errors.js';
import type { InferenceSession, SessionOptions } from './onnxruntime.js';
import { AUTO_ORDER, sessionOptions } from './session-options.js';

export interface OpenedSession {
  readonly session: InferenceSession;
  readonly device: Device;
  /** Why the devices that `auto` would have preferred were not taken; empty for an explicit choice. */
  readonly passedOver: readonly { readonly device: Device; readonly why: string }[];
}

/** Creates a session; replaceable so that the choice can be tested without GPUs. */
export interface SessionFactory {
  readonly absence: (device: Device) => string | undefined;
  readonly create: (graphPath: string, options: SessionOptions) => Promise<InferenceSession>;
}

const onnxruntime: SessionFactory = {
  absence: deviceAbsence,
  // Loaded when it is used: that switches its telemetry off for the process.
  create: async (graphPath, options) => {
    const { InferenceSession } = await import('./onnxruntime.js');
    return await InferenceSession.create(graphPath, options);
  },
};

/**
 * Opens a graph on the device asked for. `auto` tries CUDA, WebGPU, then the CPU, and says what it passed over and why. An
 * explicit device is tried even where no GPU was found (a software adapter serves for tests). Its failure is an error that
 * says what is missing: never a silent fall back to the CPU.
 *
 * Creating a session blocks the calling thread: call it in a worker.
 * @throws ModelError
 */
export async function openSession(
  graphPath: string,
  choice: DeviceChoice,
  threads?: number,
  factory: SessionFactory = onnxruntime,
): Promise<OpenedSession> {
  const passedOver: { device: Device; why: string }[] = [];
  for (const device of choice === 'auto' ? AUTO_ORDER : [choice]) {
    const absence = factory.absence(device);
    if (absence !== undefined && (choice === 'auto' || device === 'cuda')) {
      if (choice !== 'auto') throw new ModelError(`Device \`${device}\` is not available: ${absence}.`);
      passedOver.push({ device, why: absence });
      continue;
    }
    try {
      const session = await factory.create(graphPath, sessionOptions(device, threads));
      return { session, device, passedOver };
    } catch (cause) {
      const why = creationFailure(device, graphPath, cause, absence);
      if (choice !== 'auto' || device === 'cpu') throw new ModelError(why, { cause });
      passedOver.push({ device, why });
    }
  }
  throw new ModelError('No device could be opened.');
}

function creationFailure(
  device: Device,
  graphPath: string,
  cause: unknown,
  absence: string | undefined,
): string {
  const reason =
    cause instanceof Error ? cause.message.trim().split('\n').slice(0, 3).join(' ') : String(cause);
  if (device === 'webgpu' && /adapter/i.test(reason)) {
    return (
      `Device \`webgpu\` is not available: no WebGPU adapter (${absence ?? 'onnxruntime found none'}); install the ` +
      "GPU's Vulkan driver and the Vulkan loader (`libvulkan1`), or take `cpu`."
    );
  }
  return `${graphPath} cannot be opened on \`${device}\`: ${reason}`;
}
