import type { FrameMaps } from './frame-maps.js';
import type { PerceptionMessages } from './inference-request.js';

/** The memory of a frame's results: to be transferred, or used again. */
export function buffersOf({
  messages,
  maps,
}: {
  readonly messages: PerceptionMessages;
  readonly maps?: FrameMaps;
}): ArrayBuffer[] {
  const views: Uint8Array[] = [...Object.values(messages), ...(maps ? [maps.image] : [])];
  return views.map(({ buffer }) => buffer as ArrayBuffer);
}
