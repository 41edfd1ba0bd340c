/** Most pixels of a row of a preview. */
export const PREVIEW_WIDTH = 640;

/** Size of a picture of every n-th pixel of every n-th row that is no wider than a preview. */
export function sampledSize(size: { readonly width: number; readonly height: number }): {
  readonly every: number;
  readonly width: number;
  readonly height: number;
} {
  // Tall pictures too: their area counts.
  const every = Math.max(1, Math.ceil(Math.max(size.width, size.height * 1.4) / PREVIEW_WIDTH));
  return { every, width: Math.ceil(size.width / every), height: Math.ceil(size.height / every) };
}
