interface Size {
  readonly height: number;
  readonly width: number;
}

/** A mask of the network's resolution as the camera sees it: the pixel that shows each camera pixel's centre. */
export function ontoCamera(mask: Uint8Array, network: Size, camera: Size): Uint8Array {
  const { height, width } = camera;
  const out = new Uint8Array(height * width);
  const columns = Int32Array.from({ length: width }, (_, i) => sourceOf(i, network.width, width));
  let [last, at] = [-1, 0];
  for (let row = 0; row < height; row++, at += width) {
    const from = sourceOf(row, network.height, height);
    if (from === last) out.copyWithin(at, at - width, at);
    else {
      const start = from * network.width;
      for (let column = 0; column < width; column++)
        out[at + column] = mask[start + (columns[column] as number)] as number;
    }
    last = from;
  }
  return out;
}

function sourceOf(index: number, source: number, target: number): number {
  return Math.min(source - 1, Math.floor(((index + 0.5) * source) / target));
}
