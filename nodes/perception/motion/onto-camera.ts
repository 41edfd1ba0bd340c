interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * Shows a mask of the network's resolution as the camera sees it. Each camera pixel whose centre lies in a pixel of the mask
 * that is not 0 becomes 255. The others stay as they are. Whole runs of a row are filled, so that masks, which have few, cost
 * little.
 * @param onto [H, W] of the camera.
 */
export function paintOntoCamera(mask: Uint8Array, network: Size, onto: Uint8Array, camera: Size): void {
  const columns = bordersOf(network.width, camera.width);
  const rows = bordersOf(network.height, camera.height);
  for (let y = 0; y < network.height; y++) {
    const start = y * network.width;
    const end = start + network.width;
    for (let at = start; at < end; at++) {
      if (mask[at] === 0) continue;
      const from = at - start;
      while (at < end && mask[at] !== 0) at += 1;
      const [left, right] = [columns[from] as number, columns[at - start] as number];
      for (let row = rows[y] as number; row < (rows[y + 1] as number); row++)
        onto.fill(255, row * camera.width + left, row * camera.width + right);
    }
  }
}

// The same for all frames of a camera: those of its columns and of its rows.
const known = new Map<string, Int32Array>();
const MOST_KNOWN = 8;

/** [source + 1]: the first of `target` pixels whose centre lies in that source pixel or behind it. */
function bordersOf(source: number, target: number): Int32Array {
  const key = `${source} ${target}`;
  let borders = known.get(key);
  if (borders === undefined) {
    borders = new Int32Array(source + 1).fill(target);
    for (let i = target - 1; i >= 0; i--) {
      const last = Math.min(source - 1, Math.floor(((i + 0.5) * source) / target));
      for (let x = last; x >= 0 && (borders[x] as number) > i; x--) borders[x] = i;
    }
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, borders);
  }
  return borders;
}
