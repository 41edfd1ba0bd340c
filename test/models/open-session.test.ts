import test from 'ava';
import type { Device } from '../../models/device.js';
import { type DeviceFacts, deviceAbsence } from '../../models/device-presence.js';
import type { InferenceSession } from '../../models/onnxruntime.js';
import { openSession, type SessionFactory } from '../../models/open-session.js';
import { sessionOptions } from '../../models/session-options.js';

/** A machine with some devices, of which some cannot create sessions. */
function machine(present: readonly Device[], failing: Partial<Record<Device, string>> = {}): SessionFactory {
  return {
    absence: (device) => (present.includes(device) ? undefined : `there is no ${device} here`),
    create: async (_path, options) => {
      const [provider] = options.executionProviders ?? [];
      const device = (typeof provider === 'string' ? provider : provider?.name) as Device;
      const failure = failing[device];
      if (failure !== undefined) throw new Error(failure);
      return {} as InferenceSession;
    },
  };
}

test('auto prefers cuda, then webgpu, then the cpu, and says what it passed over', async (t) => {
  const all = await openSession('m.onnx', 'auto', 1, machine(['cuda', 'webgpu', 'cpu']));
  t.deepEqual([all.device, all.passedOver], ['cuda', []]);
  const gpu = await openSession('m.onnx', 'auto', 1, machine(['webgpu', 'cpu']));
  t.deepEqual([gpu.device, gpu.passedOver], ['webgpu', [{ device: 'cuda', why: 'there is no cuda here' }]]);
  const none = await openSession(
    'm.onnx',
    'auto',
    1,
    machine(['cuda', 'cpu'], { cuda: 'libcudnn.so.9 not found' }),
  );
  t.is(none.device, 'cpu');
  t.regex(none.passedOver[0]?.why ?? '', /libcudnn/);
});

test('an explicit device never becomes another one', async (t) => {
  await t.throwsAsync(openSession('m.onnx', 'cuda', 1, machine(['webgpu', 'cpu'])), {
    name: 'ModelError',
    message: 'Device `cuda` is not available: there is no cuda here.',
  });
  await t.throwsAsync(
    openSession('m.onnx', 'webgpu', 1, machine(['cpu'], { webgpu: 'Failed to get a WebGPU adapter' })),
    {
      name: 'ModelError',
      message: /`webgpu` is not available: no WebGPU adapter.*`libvulkan1`/s,
    },
  );
});

test('an explicit webgpu is tried without a visible GPU: a software adapter serves for tests', async (t) => {
  t.is((await openSession('m.onnx', 'webgpu', 1, machine(['cpu']))).device, 'webgpu');
});

test('a model that cannot be opened names its file', async (t) => {
  await t.throwsAsync(
    openSession('broken.onnx', 'auto', 1, machine(['cpu'], { cpu: 'Protobuf parsing failed' })),
    {
      name: 'ModelError',
      message: 'broken.onnx cannot be opened on `cpu`: Protobuf parsing failed',
    },
  );
});

test('absence is judged by files, and says what to install', (t) => {
  const files = new Set<string>();
  const facts: DeviceFacts = {
    ...{ platform: 'linux', arch: 'x64', libraries: '/lib/ort' },
    exists: (file) => files.has(file),
    list: (folder) => (folder === '/dev/dri' && files.has('gpu') ? ['card0', 'renderD128'] : []),
  };
  t.is(deviceAbsence('cpu', facts), undefined);
  t.regex(deviceAbsence('cuda', facts) ?? '', /npm run install:cuda/);
  t.regex(deviceAbsence('webgpu', facts) ?? '', /no GPU/);
  files.add('/lib/ort/libonnxruntime_providers_cuda.so');
  t.regex(deviceAbsence('cuda', facts) ?? '', /no NVIDIA GPU/);
  files.add('/dev/nvidia0').add('gpu');
  t.is(deviceAbsence('cuda', facts), undefined);
  t.is(deviceAbsence('webgpu', facts), undefined);
  t.regex(deviceAbsence('cuda', { ...facts, arch: 'arm64' }) ?? '', /linux\/arm64/);
});

test('threads must be a positive integer', (t) => {
  t.is(sessionOptions('cpu', 3).intraOpNumThreads, 3);
  t.throws(() => sessionOptions('cpu', 0), {
    name: 'ModelError',
    message: /threads: expected `a positive integer`, got 0/,
  });
});
