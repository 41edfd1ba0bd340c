import type { SlopedLevel } from '../../../vision/sloped-pyramid.js';

/** What one picture gives to learn from; shares are 0..1 of its pixels. */
export interface PictureQuality {
  /** Darker than 4 % or brighter than 97 % of the full scale. */
  readonly saturated: number;
  /** Mean of the absolute slopes, grey values 0..1 a pixel. */
  readonly detail: number;
}

const DARK = 0.04;
const BRIGHT = 0.97;

/** How much of a grey picture is saturated (share of the pixels), and its detail (mean slope, grey values a pixel). */
export function pictureQuality({ data: grey, byColumn, byRow }: SlopedLevel): PictureQuality {
  let saturated = 0;
  let detail = 0;
  for (let i = 0; i < grey.length; i++) {
    if (grey[i] < DARK || grey[i] > BRIGHT) saturated++;
    detail += Math.abs(byColumn[i]) + Math.abs(byRow[i]);
  }
  return { saturated: saturated / grey.length, detail: detail / (2 * grey.length) };
}

/** Mean absolute difference of two pictures of the same size after their means were taken off, 0..1. */
export function pictureDifference(a: SlopedLevel, b: SlopedLevel): number {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const offset = mean(a.data) - mean(b.data);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i] - offset);
  return sum / a.data.length;
}
