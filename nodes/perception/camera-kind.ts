import type { CameraKind } from './engine/inference-request.js';

/** What the name of an image topic says: those named image_rect* carry rectified images (image_proc). */
export function cameraKindOf(topic: string): CameraKind {
  // image_transport adds a suffix for compressed images.
  const name =
    topic
      .replace(/\/compressed$/, '')
      .split('/')
      .at(-1) ?? '';
  return /^image_rect/.test(name) ? 'rectified' : 'raw';
}
