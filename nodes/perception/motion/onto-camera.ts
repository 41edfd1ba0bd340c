interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * Shows a mask of the network's resolution as the camera sees it: each camera pixel whose centre lies in a pixel of the mask
 * that is not 0 becomes 255; the others stay as they are. Most rows of a mask are empty, and those cost nothing.
 * @param onto [H, W] of the camera.
 */
export function paintOntoCamera(mask: Uint8Array, network: Size, onto: Uint8Array, camera: Size): void {
  const { height, width } = camera;
  const columns = sourceColumns(network.width, width);
  for (let row = 0; row < height; ) {
    const from = sourceOf(row, network.height, height);
    let next = row + 1;
    while (next < height && sourceOf(next, network.height, height) === from) next += 1;
    const start = from * network.width;
    if (isMarked(mask, start, start + network.width)) {
      for (; row < next; row++) {
        const at = row * width;
        for (let column = 0; column < width; column++) {
          if (mask[start + (columns[column] as number)] !== 0) onto[at + column] = 255;
        }
      }
    }
    row = next;
  }
}

function isMarked(mask: Uint8Array, start: number, end: number): boolean {
  let any = 0;
  for (let at = start; at < end; at++) any |= mask[at] as number;
  return any !== 0;
}

// The same for all frames of a camera.
let known = { source: 0, columns: new Int32Array(0) };

function sourceColumns(source: number, target: number): Int32Array {
  if (known.source !== source || known.columns.length !== target) {
    const columns = new Int32Array(target);
    for (let i = 0; i < target; i++) columns[i] = sourceOf(i, source, target);
    known = { source, columns };
  }
  return known.columns;
}

function sourceOf(index: number, source: number, target: number): number {
  return Math.min(source - 1, Math.floor(((index + 0.5) * source) / target));
}
