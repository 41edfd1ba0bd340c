import { crc32 } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { Scope } from '../../../training/networks/scope.js';
import { storedShape } from '../../../training/weights/parameters.js';

/** sin(1.7 i + phase), numbers that any language makes. */
export function wave(count: number, phase: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));
}

/** A tensor [1, C, H, W] of PyTorch as [1, H, W, C], filled with a wave. */
export function waveImage(height: number, width: number, channels: number): tf.Tensor4D {
  return tf
    .tensor4d(wave(height * width * channels, 0.4), [1, channels, height, width])
    .transpose<tf.Tensor4D>([0, 2, 3, 1]);
}

/**
 * Parameters by formula, from a parameter's name and the place of a number in it, so that a network built elsewhere has
 * the same ones and no weights need be kept.
 */
export function waveScope(): Scope {
  return new Scope(({ name, shape }) => {
    const stored = storedShape(shape);
    const size = tf.util.sizeFromShape([...stored]);
    const values = wave(size, (crc32(name) % 1000) / 100);
    const by = (change: (value: number) => number) => values.map(change);
    if (shape.length === 4) {
      const fan = size / (stored[0] ?? 1);
      return tf
        .tensor(
          by((w) => (w * 1.5) / Math.sqrt(fan)),
          [...stored],
        )
        .transpose([2, 3, 1, 0]);
    }
    if (shape.length === 2)
      return tf.tensor(
        by((w) => w / Math.sqrt(shape[0] ?? 1)),
        [...shape],
      );
    if (name.includes('slope')) return tf.fill([size], 0.3);
    if (name.endsWith('running_var') || name.endsWith('weight')) return tf.tensor1d(by((w) => 1 + 0.5 * w));
    return tf.tensor1d(by((w) => 0.2 * w));
  }, false);
}

/** Some numbers of a network's output [1, H, W, C] in PyTorch's order, and their mean. */
export function spots(y: tf.Tensor): number[] {
  const values = Array.from(y.transpose([0, 3, 1, 2]).dataSync());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [...Array.from({ length: 6 }, (_, k) => values[(k * 7919) % values.length] ?? Number.NaN), mean];
}

/** Largest difference. */
export function apart(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(...found.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN))));
}
