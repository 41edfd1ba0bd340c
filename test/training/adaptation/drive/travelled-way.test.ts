import test from 'ava';
import { TravelledWay } from '../../../../training/adaptation/drive/travelled-way.js';

const at = (seconds: number) => BigInt(Math.round(seconds * 1e9)) + 1_700_000_000_000_000_000n;
const near = (value: number | undefined, expected: number) =>
  Math.abs((value ?? Number.NaN) - expected) < 1e-6;

test('a vehicle that speeds up evenly came half of the sum of the speeds times the time', (t) => {
  // 10 m/s, 2 m/s more every second, told ten times a second, out of order.
  const speeds = Array.from({ length: 21 }, (_, i) => ({ stampNs: at(i / 10), speed: 10 + i / 5 }));
  const way = TravelledWay.ofSpeeds([...speeds.slice(7), ...speeds.slice(0, 7)]);
  t.true(near(way.between(at(0), at(2)), 24));
  t.true(near(way.between(at(0.3), at(0.7)), 4.4));
  t.is(way.between(at(0.5), at(0.2)), way.between(at(0.2), at(0.5)), 'back is as far');
});

test('driving backwards is a way, too; speeds that are no numbers are left out', (t) => {
  const way = TravelledWay.ofSpeeds([
    { stampNs: at(0), speed: -2 },
    { stampNs: at(0.2), speed: Number.NaN },
    { stampNs: at(0.4), speed: -2 },
  ]);
  t.true(near(way.between(at(0.1), at(0.3)), 0.4));
});

test('the way along places is that of their polygon', (t) => {
  const way = TravelledWay.ofPlaces([
    { stampNs: at(0), x: 0, y: 0, z: 0 },
    { stampNs: at(0.1), x: 3, y: 4, z: 0 },
    { stampNs: at(0.2), x: 3, y: 4, z: 2 },
  ]);
  t.true(near(way.between(at(0), at(0.2)), 7));
  t.true(near(way.between(at(0.05), at(0.15)), 3.5));
});

test('outside of the measurements and in their gaps nothing is known', (t) => {
  const way = TravelledWay.ofSpeeds([0, 0.1, 0.2, 1.2, 1.3].map((s) => ({ stampNs: at(s), speed: 5 })));
  t.is(way.between(at(-0.05), at(0.1)), undefined);
  t.is(way.between(at(0.1), at(1.4)), undefined);
  t.is(way.between(at(0.1), at(0.7)), undefined);
  t.true(near(way.between(at(1.2), at(1.3)), 0.5));
  t.is(TravelledWay.ofSpeeds([]).between(at(0), at(1)), undefined);
});
