import type { Frame } from '../store.js';

/** Draws a picture, whatever it came as, over the whole canvas. */
export function drawPicture(context: CanvasRenderingContext2D, { head, payload, bitmap }: Frame): void {
  const { width, height } = context.canvas;
  if (bitmap !== undefined) {
    context.drawImage(bitmap, 0, 0, width, height);
    return;
  }
  const data = new ImageData(head.width, head.height);
  for (let from = 0, to = 0; from < payload.length; from += 3, to += 4) {
    data.data[to] = payload[from] ?? 0;
    data.data[to + 1] = payload[from + 1] ?? 0;
    data.data[to + 2] = payload[from + 2] ?? 0;
    data.data[to + 3] = 255;
  }
  drawPixels(context, data);
}

/** Draws pixels over the whole canvas, scaled without making up values in between. */
export function drawPixels(context: CanvasRenderingContext2D, data: ImageData, alpha = 1): void {
  const { width, height } = context.canvas;
  if (data.width === width && data.height === height && alpha === 1 && isOpaque(data)) {
    context.putImageData(data, 0, 0);
    return;
  }
  const between = new OffscreenCanvas(data.width, data.height);
  between.getContext('2d')?.putImageData(data, 0, 0);
  context.save();
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = false;
  context.drawImage(between, 0, 0, width, height);
  context.restore();
}

/** Pictures are drawn opaque, and masks begin with a transparent pixel as a rule; a wrong guess costs only time. */
function isOpaque({ data }: ImageData): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}
