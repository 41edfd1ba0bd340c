/** Where a session computes. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** What a user may ask for: `auto` takes the fastest device that is really there. */
export type DeviceChoice = 'auto' | Device;

export const DEVICE_CHOICES: readonly DeviceChoice[] = ['auto', 'cpu', 'webgpu', 'cuda'];
