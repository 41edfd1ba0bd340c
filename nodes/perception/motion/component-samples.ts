import type { Component } from './connected-components.js';
import type { MotionView } from './motion-view.js';
import { surfacesOf } from './surfaces.js';

/** Pixels of a component that stand for it. */
export interface ComponentSamples {
  readonly count: number;
  /** Columns and rows. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  readonly depth: Float32Array;
}

/** From so many inner pixels on, those at the border, which show some of the background too, are left out. */
const LEAST_INNER = 200;
/** What is nearer by this factor may hide part of the component in the other view. */
const HIDING = 1.15;

/**
 * Takes at most `most` of a component's pixels. It takes, of each run of so many consecutive ones that with the strongest
 * edge, since plain areas say nothing about motion. Left out are pixels without a finite depth and those beside something
 * nearer, where the picture changes because that hides another part of the component.
 */
export function componentSamples({ pixels }: Component, view: MotionView, most: number): ComponentSamples {
  const { width, depth } = view;
  const surfaces = surfacesOf(view);
  const inner = innerPixels(pixels, width);
  const candidates = new Int32Array(inner.length);
  let count = 0;
  for (let i = 0; i < inner.length; i++) {
    const at = inner[i] as number;
    const own = depth[at] as number;
    if (Number.isFinite(own) && (surfaces[2 * at] as number) * HIDING >= own) candidates[count++] = at;
  }
  const run = Math.max(1, Math.ceil(count / most));
  const chosen = new Int32Array(Math.ceil(count / run));
  for (let start = 0, place = 0; start < count; start += run) {
    let best = -1;
    let strongest = -1;
    for (let i = start; i < Math.min(start + run, count); i++) {
      const at = candidates[i] as number;
      const strength = edgeStrength(view, at);
      if (strength > strongest) {
        best = at;
        strongest = strength;
      }
    }
    chosen[place++] = best;
  }
  const numbers = () => new Float32Array(chosen.length);
  const found = { count: chosen.length, u: numbers(), v: numbers(), depth: numbers() };
  for (let i = 0; i < chosen.length; i++) {
    const at = chosen[i] as number;
    found.u[i] = at % width;
    found.v[i] = Math.floor(at / width);
    found.depth[i] = depth[at] as number;
  }
  return found;
}

/** Pixels whose four neighbours belong to the component too; all where those are few. `pixels` ascend. */
function innerPixels(pixels: Int32Array, width: number): Int32Array {
  if (pixels.length < LEAST_INNER) return pixels;
  // With a row of nothing at either end: an index below 0 would be looked up by its name.
  const first = (pixels[0] as number) - width;
  const last = (pixels[pixels.length - 1] as number) + width;
  const member = new Uint8Array(last - first + 1);
  for (let i = 0; i < pixels.length; i++) member[(pixels[i] as number) - first] = 1;
  const inner = new Int32Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = (pixels[i] as number) - first;
    if (member[at - 1] && member[at + 1] && member[at - width] && member[at + width])
      inner[count++] = pixels[i] as number;
  }
  return count >= LEAST_INNER ? inner.subarray(0, count) : pixels;
}

/** Square of the brightness gradient; beyond the picture it is that of the pixel. */
function edgeStrength({ grey, width }: MotionView, at: number): number {
  const data = grey[0]?.data;
  if (data === undefined) return 0;
  const own = data[at] as number;
  const beside = (index: number): number =>
    index >= 0 && index < data.length ? (data[index] as number) : own;
  const across = beside(at + 1) - beside(at - 1);
  const down = beside(at + width) - beside(at - width);
  return across * across + down * down;
}
