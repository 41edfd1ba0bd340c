import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import {
  type BeyondEdge,
  type NetworkView,
  shownImage,
} from '../../../training/perception-graph/network-view.js';

const [H, W, ROWS, COLUMNS] = [37, 101, 16, 40] as const;

/** The exact triangle filter of one output: weights of the input's places, of which some may lie beyond the edge. */
function taps(at: number, from: number, to: number, beyond: BeyondEdge): [place: number, weight: number][] {
  const ratio = from / to;
  const centre = (at + 0.5) * ratio;
  const all: [number, number][] = [];
  for (let place = Math.floor(centre - ratio) - 1; place <= centre + ratio + 1; place++) {
    const weight = 1 - Math.abs((place + 0.5 - centre) / ratio);
    if (weight <= 0 || (beyond === 'left-out' && (place < 0 || place >= from))) continue;
    all.push([Math.min(from - 1, Math.max(0, place)), weight]);
  }
  const sum = all.reduce((total, [, weight]) => total + weight, 0);
  return all.map(([place, weight]) => [place, weight / sum]);
}

for (const beyond of ['repeated', 'left-out'] as const) {
  test(`shrunk pictures are those of an exact triangle filter, at the edges too: ${beyond}`, async (t) => {
    const g = new GraphBuilder('shown');
    const scalar = (value: number) => g.constant(BigInt64Array.of(BigInt(value)), 'int64', []);
    const camera = {
      pixels: g.input('pixels', 'uint8', [1, H, W, 3]),
      channelOrder: g.input('order', 'int64', [3]),
    };
    const view = { imageRows: scalar(ROWS), imageColumns: scalar(COLUMNS) };
    // Nothing else of them is looked at.
    const shown = shownImage(g, camera as Parameters<typeof shownImage>[1], view as NetworkView, beyond);
    g.output('shown', shown, 'float32', [1, 3, ROWS, COLUMNS]);
    const pixels = Uint8Array.from({ length: H * W * 3 }, (_, at) => ((at * 7919) ^ (at * at * 31)) & 255);
    const session = await InferenceSession.create(g.toModel({ opset: 18 }), { intraOpNumThreads: 1 });
    const result = await session.run({
      pixels: new Tensor('uint8', pixels, [1, H, W, 3]),
      order: new Tensor('int64', BigInt64Array.of(0n, 1n, 2n), [3]),
    });
    await session.release();
    const actual = result.shown?.data as Float32Array; // declared so
    let worst = 0;
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        let green = 0;
        for (const [y, down] of taps(row, H, ROWS, beyond))
          for (const [x, across] of taps(column, W, COLUMNS, beyond))
            green += down * across * pixels[(y * W + x) * 3 + 1];
        worst = Math.max(worst, Math.abs(green - actual[(ROWS + row) * COLUMNS + column]));
      }
    }
    t.true(worst < 0.02, `differs by ${worst} of 255`);
  });
}
