import test from 'ava';
import { paintOntoCamera } from '../../../../nodes/perception/motion/onto-camera.js';
import { Random } from '../../../../training/simulator/random.js';

test('a camera pixel is painted where its centre lies in a marked pixel of the mask, whatever the sizes', (t) => {
  const random = new Random(1);
  const size = (most: number) => 1 + Math.floor(random.uniform(0, most));
  for (let round = 0; round < 60; round++) {
    const network = { height: size(20), width: size(40) };
    const camera = { height: size(50), width: size(90) };
    const mask = Uint8Array.from({ length: network.height * network.width }, () =>
      random.uniform(0, 1) < 0.4 ? 1 : 0,
    );
    const onto = new Uint8Array(camera.height * camera.width).fill(7);
    paintOntoCamera(mask, network, onto, camera);
    // Of each camera pixel by itself: in which pixel of the mask its centre lies.
    const expected = Array.from(onto, (_, i) => {
      const [x, y] = [(i % camera.width) + 0.5, Math.floor(i / camera.width) + 0.5];
      const column = Math.floor((x * network.width) / camera.width);
      const row = Math.floor((y * network.height) / camera.height);
      return mask[row * network.width + column] === 0 ? 7 : 255;
    });
    t.deepEqual(Array.from(onto), expected, JSON.stringify({ network, camera }));
  }
});
