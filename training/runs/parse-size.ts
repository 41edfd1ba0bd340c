import { TrainingError } from '../errors.js';
import type { Size } from './data-role.js';

/** `640x192`. @throws TrainingError when it reads otherwise. */
export function parseSize(text: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text.trim()) ?? [];
  if (width === undefined || height === undefined) {
    throw new TrainingError(`expected WIDTHxHEIGHT, as \`640x192\`, got \`${text}\``);
  }
  return { width: Number(width), height: Number(height) };
}
