/** The device on which a session computes. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** The device that a user asks for. `auto` takes the first of CUDA, WebGPU and CPU that is available. */
export type DeviceChoice = 'auto' | Device;

export const DEVICE_CHOICES: readonly DeviceChoice[] = ['auto', 'cpu', 'webgpu', 'cuda'];
