import test from 'ava';
import { LabelEnlarger } from '../../../../../nodes/perception/engine/network-size/label-enlarger.js';
import { SIZES } from './resized.js';

const COLORS = [
  [1, 2, 3],
  [40, 50, 60],
  [200, 210, 220],
  [7, 250, 9],
] as const;

/** Label 2 is dynamic. */
const palette = Uint8Array.from(COLORS.flatMap((color, label) => [...color, label === 2 ? 255 : 0]));

test('every pixel has label, colour and mask of the pixel of the network that its centre lies in', (t) => {
  for (const { camera, network } of SIZES) {
    const enlarger = new LabelEnlarger(network, camera, palette);
    const area = camera.height * camera.width;
    const into = {
      labels: new Uint8Array(area),
      color: new Uint8Array(3 * area),
      dynamic: new Uint8Array(area),
    };
    // Twice: rows that are alike, as where two rows of a network share one of its labels, and rows that differ.
    for (const seed of [1, 2]) {
      const labels = Uint8Array.from(
        { length: network.height * network.width },
        (_, i) => (Math.floor(i / network.width / seed) * 5 + (i % network.width) * seed) % COLORS.length,
      );
      enlarger.enlarge(labels, into);
      for (let i = 0; i < area; i++) {
        const [row, column] = [Math.floor(i / camera.width), i % camera.width];
        const y = Math.floor(((row + 0.5) * network.height) / camera.height);
        const x = Math.floor(((column + 0.5) * network.width) / camera.width);
        const label = labels[y * network.width + x] ?? -1;
        const same =
          into.labels[i] === label &&
          into.dynamic[i] === (label === 2 ? 255 : 0) &&
          [0, 1, 2].every((channel) => into.color[3 * i + channel] === COLORS[label]?.[channel]);
        if (!same) t.fail(`${camera.width}x${camera.height}, pixel ${column}, ${row}`);
      }
    }
    t.pass();
  }
});
