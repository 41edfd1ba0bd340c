import test from 'ava';
import { checkFlags } from '../../../nodes/fleet/check-flags.js';

test("a flag that is the fleet's to say is refused in each of its forms, and one like it is not", (t) => {
  for (const flag of ['-o', '-oout', '-o=out', '--output', '--output=out'])
    t.throws(() => checkFlags('replay', [flag, 'x'], 'fleet replay'), {
      name: 'NodeError',
      message: /^fleet replay: `(-o|--output)` is no flag for every bag$/,
    });
  t.notThrows(() => checkFlags('replay', ['--odometry', '/odom', '--no-motion'], 'fleet replay'));
});
