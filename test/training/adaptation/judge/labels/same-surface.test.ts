import test from 'ava';
import { sameSurface } from '../../../../../training/adaptation/judge/labels/same-surface.js';
import { domainNamed } from '../../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../../training/simulator/drive.js';

const [WIDTH, HEIGHT] = [160, 64];

test('by depth and motion the classes of a surface are found again in the next picture', (t) => {
  const size = { width: WIDTH, height: HEIGHT };
  const frames = [
    ...simulateDrive({ domain: domainNamed('town-clean'), seed: 101, frames: 3, frameRate: 10, ...size }),
  ];
  const [first, , third] = frames;
  if (first === undefined || third === undefined) return t.fail('two frames');
  const same = sameSurface(first, third);
  if (same === undefined) return t.fail('the motion is found');
  let [found, right, rightInPlace] = [0, 0, 0];
  for (const [i, there] of same.entries()) {
    if (there < 0) continue;
    found++;
    if (first.labels[i] === third.labels[there]) right++;
    if (first.labels[i] === third.labels[i]) rightInPlace++;
  }
  t.true(found > 0.45 * same.length, `${found} of ${same.length}`);
  t.true(right > 0.95 * found, `${right} of ${found}`);
  t.true(right > rightInPlace, `${rightInPlace} of them without the motion`);
});
