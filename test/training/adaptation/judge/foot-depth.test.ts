import test from 'ava';
import { footDepth } from '../../../../training/adaptation/judge/foot-depth.js';

const [WIDTH, HEIGHT, HORIZON] = [4, 40, 10];
const [ROAD, BUILDING, CAR] = [0, 2, 13];
/** A flat road: row v shows what is 100 / (v - 10) away. */
const roadDepth = (row: number) => 100 / (row - HORIZON);

/** A car in columns 1 and 2 from row `top` to row `bottom`, with a depth of its own. */
function scene(top: number, bottom: number, carDepth: number, below = ROAD) {
  const labels = new Uint8Array(WIDTH * HEIGHT).fill(below);
  const depth = new Float32Array(WIDTH * HEIGHT);
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const i = row * WIDTH + column;
      const isCar = (column === 1 || column === 2) && row >= top && row <= bottom;
      depth[i] = isCar ? carDepth : row > HORIZON ? roadDepth(row) : 80;
      if (isCar) labels[i] = CAR;
      else if (row <= HORIZON) labels[i] = BUILDING;
    }
  }
  return footDepth(labels, depth, WIDTH, HEIGHT);
}

test('an object is as far as the ground at its foot, whatever its own depth says', (t) => {
  for (const own of [3, 99, Number.POSITIVE_INFINITY]) {
    const foot = scene(8, 20, own);
    for (const row of [8, 14, 20])
      t.true(Math.abs(foot[row * WIDTH + 1] - roadDepth(20)) < 1e-4, `row ${row}`);
    t.true(Number.isNaN(foot[20 * WIDTH]), 'road is no object');
  }
});

test('nothing is known of an object that is cut off or stands on no ground', (t) => {
  t.true(Number.isNaN(scene(20, HEIGHT - 1, 5)[30 * WIDTH + 1]));
  t.true(Number.isNaN(scene(20, 36, 5)[30 * WIDTH + 1]), 'too close to the border');
  t.true(Number.isNaN(scene(8, 20, 5, BUILDING)[15 * WIDTH + 1]));
});

test('close to the horizon the foot does not run away', (t) => {
  const foot = scene(6, 11, 40)[8 * WIDTH + 1];
  t.true(foot > roadDepth(13) && foot <= 2 * roadDepth(13), String(foot));
});
