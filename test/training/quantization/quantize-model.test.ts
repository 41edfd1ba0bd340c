import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../models/model-runner.js';
import { loadModel, shippedModel } from '../../../models/model-store.js';
import { floatParent, roundLikeParent } from '../../../training/adaptation/eight-bit-parent.js';
import { TrainingError } from '../../../training/errors.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { foldedGraph } from '../../../training/quantization/folded-graph.js';
import { planQuantization } from '../../../training/quantization/quantization-plan.js';
import { quantizeModel } from '../../../training/quantization/quantize-model.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateSnapshot } from '../../../training/simulator/snapshot.js';
import { decodeSafetensors } from '../../../training/weights/safetensors.js';

const snapshot = (seed: number) =>
  simulateSnapshot({ domain: domainNamed('town-clean'), seed, width: 416, height: 128, supersampling: 1 });
const picture = (seed: number) => {
  const { width, height, rgb, intrinsics } = snapshot(seed);
  return { picture: { width, height, rgb }, intrinsics };
};

/** Bytes of the logits' bias. */
async function biasOf(folder: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path.join(folder, 'weights.safetensors'));
  return decodeSafetensors(bytes, folder).tensors.get('segmentation.logits.bias')?.bytes.slice();
}

test('the shipped network in 8 bits is a model folder that sees nearly the same and can be trained further', async (t) => {
  const temporary = () => mkdtemp(path.join(tmpdir(), 'rxdepth-quantize-'));
  const model = await loadModel(await floatParent(await loadModel(shippedModel()), await temporary()));
  const folder = path.join(await temporary(), 'model');
  const lines: string[] = [];
  const { convolutions } = planQuantization(foldedGraph(await readOnnxFile(model.graphPath)));
  const named = [3, 5].map((place) => convolutions[place].id);
  const options = {
    place: { folder },
    pictures: [picture(1), picture(2)],
    calibration: 'two snapshots',
    ranges: { kind: 'mse' as const },
    goal: 1,
    mostFloat: 0,
    float: named,
    command: 'rxdepth model quantize, as it was typed',
    threads: 1,
    report: (line: string) => lines.push(line),
  };
  const manifest = await quantizeModel(model, options);
  t.is(manifest.quantization?.format, 'int8');
  t.is(manifest.quantization?.pictures, 2);
  // What is named stays in float, though a search would have left nothing.
  t.deepEqual(manifest.quantization?.float, named);
  t.is(manifest.quantization?.command, options.command);
  t.true((manifest.quantization?.convolutions ?? 0) > 20);
  t.true(manifest.quantization !== undefined && manifest.quantization.depthChange < 0.1);
  t.regex(lines.at(-1) ?? '', /convolutions in 8 bits; depth changes by/);
  const made = await loadModel(folder); // checks every hash
  t.deepEqual(made.manifest.files['weights.safetensors'], model.manifest.files['weights.safetensors']);
  // What is added to the logits after learning stays, and goes through the float form without a bit's change.
  t.is(made.manifest.classAdjustment?.person, -0.7);
  t.deepEqual(made.manifest.classAdjustment, (await loadModel(shippedModel())).manifest.classAdjustment);
  t.deepEqual(await biasOf(folder), await biasOf(shippedModel()));

  // On a picture that was not calibrated on.
  const { intrinsics, ...seen } = snapshot(9);
  const [exact, rounded] = [await ModelRunner.open(model.folder, 1), await ModelRunner.open(folder, 1)];
  const [a, b] = [await exact.run(seen, intrinsics), await rounded.run(seen, intrinsics)];
  await Promise.all([exact.close(), rounded.close()]);
  const ratios = [...a.depth]
    .map((depth, i) => Math.abs(Math.log((b.depth[i] ?? 0) / depth)))
    .filter(Number.isFinite)
    .toSorted((x, y) => x - y);
  const median = ratios[ratios.length >> 1] ?? 1;
  t.true(median > 0 && median < 0.08, `median ${median}`);
  const same = (a.labels ?? []).filter((label, i) => label === b.labels?.[i]).length;
  t.true(same > 0.9 * 416 * 128);

  // Adaptation compares float weights, and rounds what it promotes as the parent is rounded.
  const float = await floatParent(made, path.dirname(folder));
  const again = await ModelRunner.open(float, 1);
  t.is(again.manifest.quantization, undefined);
  const widened = await again.run(seen, intrinsics);
  await again.close();
  t.true(
    widened.depth.every((depth, i) => depth === a.depth[i] || Math.abs(depth / (a.depth[i] ?? 0) - 1) < 1e-4),
  );
  t.is(await floatParent(model, path.dirname(folder)), model.folder);
  await writeFile(path.join(float, 'judge.json'), '{"verdict":"promoted"}');
  const { command: _, ...likeParent } = { ...options, calibration: 'the drive' };
  const { quantization } = manifest;
  if (quantization === undefined) throw new TypeError('it is there, see above');
  await roundLikeParent(quantization, float, likeParent);
  const adapted = await loadModel(float);
  t.is(adapted.manifest.quantization?.calibration, 'the drive');
  t.deepEqual(adapted.manifest.quantization?.float, quantization.float);
  t.is(await readFile(path.join(float, 'judge.json'), 'utf8'), '{"verdict":"promoted"}');

  await t.throwsAsync(quantizeModel(made, options), {
    instanceOf: TrainingError,
    message: /computes in 8 bits already/,
  });
});
