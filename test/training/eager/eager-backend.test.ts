import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type BackendLoader,
  type EagerBackend,
  selectEagerBackend,
} from '../../../training/eager/eager-backend.js';
import { TrainingError } from '../../../training/errors.js';

/** Loaders of which only `present` work. */
function loaders(loaded: string[], ...present: EagerBackend[]): Record<EagerBackend, BackendLoader> {
  const loader = (name: EagerBackend): BackendLoader => {
    return async () => {
      if (!present.includes(name)) throw new TrainingError(`${name} is absent`);
      loaded.push(name);
    };
  };
  return {
    'tfjs-node-gpu': loader('tfjs-node-gpu'),
    'tfjs-node': loader('tfjs-node'),
    wasm: loader('wasm'),
    cpu: loader('cpu'),
  };
}

test('auto takes the fastest backend that loads, and says what it passed over and why', async (t) => {
  const loaded: string[] = [];
  const { backend, passedOver } = await selectEagerBackend('auto', loaders(loaded, 'wasm', 'cpu'));
  t.is(backend, 'wasm');
  t.deepEqual(loaded, ['wasm']);
  t.deepEqual(passedOver, ['tfjs-node-gpu: tfjs-node-gpu is absent', 'tfjs-node: tfjs-node is absent']);
});

test('a backend asked for by name is never replaced by another', async (t) => {
  const loaded: string[] = [];
  const options = { instanceOf: TrainingError, message: 'tfjs-node is absent' };
  await t.throwsAsync(selectEagerBackend('tfjs-node', loaders(loaded, 'wasm', 'cpu')), options);
  t.deepEqual(loaded, []);
});

test('an unknown name is refused with the known ones', async (t) => {
  const message = /`auto`, `tfjs-node-gpu`, `tfjs-node`, `wasm`, `cpu`, got `webgl`/;
  await t.throwsAsync(selectEagerBackend('webgl', loaders([], 'cpu')), {
    instanceOf: TrainingError,
    message,
  });
});

test('a bug in a backend is no absence: auto does not hide it', async (t) => {
  const broken = {
    ...loaders([], 'cpu'),
    wasm: async () => {
      throw new RangeError('bug');
    },
  };
  await t.throwsAsync(selectEagerBackend('auto', broken), { instanceOf: RangeError });
});

test.serial('the wasm backend becomes the active one', async (t) => {
  t.deepEqual(await selectEagerBackend('wasm'), { backend: 'wasm', passedOver: [] });
  t.is(tf.getBackend(), 'wasm');
});

test.serial(
  'tfjs-node computes where it is installed; where it is not, the message says how to build it',
  async (t) => {
    if (isInstalled('@tensorflow/tfjs-node')) {
      await selectEagerBackend('tfjs-node');
      t.is(tf.getBackend(), 'tensorflow');
      t.deepEqual([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()], [11]);
      return;
    }
    await t.throwsAsync(selectEagerBackend('tfjs-node'), {
      instanceOf: TrainingError,
      message: /`@tensorflow\/tfjs-node` is not installed; docs\/tfjs-node\.md/,
    });
  },
);

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
