import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { InferenceSession } from '../../../models/onnxruntime.js';
import { graphMetadata } from '../../../training/perception-graph/perception-contract.js';
import {
  buildPerceptionGraph,
  type EmbeddedNetwork,
} from '../../../training/perception-graph/perception-graph.js';
import {
  expectedSize,
  floats,
  manifestOf,
  near,
  ONE_TO_ONE,
  perceive,
  plane,
  redNetwork,
  sessionOf,
} from './perceive.js';

for (const logitScale of [0, 1, 2]) {
  test(`labels are those of the nearest network pixel, logits at 1/${2 ** logitScale}`, async (t) => {
    const session = await sessionOf(redNetwork(logitScale), 64 * 32);
    const camera = { width: 200, height: 90 };
    const { columns, rows } = expectedSize(camera, 64 * 32, 32);
    t.deepEqual([columns, rows], [64, 29], 'three rows are padding');
    // Vertical stripes of one class each, wide enough to survive the resize.
    const classOf = (x: number) => Math.floor(x / 20) + 8;
    const { labels, color, dynamic } = await perceive(session, {
      ...camera,
      pixel: (x) => [100, Math.round((classOf(x) * 255) / 18), 0],
    });
    const margin = 3 * 2 ** logitScale;
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 200; x++) {
        const inStripe = x % 20;
        if (inStripe < margin || inStripe >= 20 - margin) continue;
        const at = y * 200 + x;
        const expected = CITYSCAPES_CLASSES[classOf(x)];
        t.is(labels[at], classOf(x));
        t.deepEqual([...color.subarray(at * 3, at * 3 + 3)], [...(expected?.color ?? [])]);
        t.is(dynamic[at], expected?.dynamic ? 255 : 0);
      }
    }
  });
}

test('the nearest index is floor((i + 0.5) * network / camera), of the rows that show the image', async (t) => {
  // Labels straight from the place: row + column of the network's pixel, modulo 19.
  const placed: EmbeddedNetwork = {
    ...redNetwork(),
    logits(g) {
      const ramp = (name: string, axis: number) => {
        const size = g.op('Gather', [g.op('Shape', [name]), g.constant([axis], 'int64', [])]);
        const zero = g.constant([0], 'int64', []);
        const one = g.constant([1], 'int64', []);
        const range = g.op('Cast', [g.op('Range', [zero, size, one])], { to: 1 });
        return g.op('Reshape', [range, g.constant(axis === 2 ? [1, 1, -1, 1] : [1, 1, 1, -1], 'int64', [4])]);
      };
      const sum = g.op('Add', [ramp(this.image, 2), ramp(this.image, 3)]);
      const classes = floats(
        g,
        CITYSCAPES_CLASSES.map((_, index) => index),
        [1, 19, 1, 1],
      );
      const label = g.op('Mod', [sum, floats(g, [19])], { fmod: 1 });
      return g.op('Neg', [g.op('Abs', [g.op('Sub', [label, classes])])]);
    },
    values(g, image) {
      this.image = image;
      return plane(g, image, 0);
    },
    image: '',
  } as EmbeddedNetwork & { image: string };
  const session = await sessionOf(placed, 64 * 32);
  for (const camera of [
    { width: 200, height: 90 },
    { width: 41, height: 67 },
    { width: 3, height: 2 },
    { width: 999, height: 5 },
  ]) {
    const { columns, rows } = expectedSize(camera, 64 * 32, 32);
    const { labels } = await perceive(session, camera);
    for (let y = 0; y < camera.height; y++) {
      for (let x = 0; x < camera.width; x++) {
        const row = Math.floor(((y + 0.5) * rows) / camera.height);
        const column = Math.floor(((x + 0.5) * columns) / camera.width);
        t.is(
          labels[y * camera.width + x],
          (row + column) % 19,
          `${camera.width} x ${camera.height}: ${x}, ${y}`,
        );
      }
    }
  }
});

test('a model without classes has depth and points, and labels without rows even if they are wanted', async (t) => {
  const manifest = { ...manifestOf(64 * 32, 32), classes: [] };
  const refusing: EmbeddedNetwork = {
    ...redNetwork(),
    logits: () => t.fail('there are no logits to ask for') as never,
  };
  const graph = buildPerceptionGraph(manifest, refusing).toModel({ metadata: graphMetadata(manifest) });
  const session = await InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const labels = session.outputMetadata.find(({ name }) => name === 'labels');
  t.deepEqual(labels?.isTensor === true && labels.shape, [0, 0], 'known before the first frame');
  for (const wanted of [true, false]) {
    const pixel = () => [51, 0, 0];
    const { depth, dims } = await perceive(session, { ...ONE_TO_ONE, pixel, wants: { labels: wanted } });
    t.deepEqual(
      [dims.labels, dims.color, dims.dynamic],
      [
        [0, 0],
        [0, 0, 3],
        [0, 0],
      ],
    );
    t.deepEqual(dims.points, [32, 64, 3]);
    t.true(depth.every((meters) => near(meters, 5))); // 51 / 255 = 1 / 5
  }
});
