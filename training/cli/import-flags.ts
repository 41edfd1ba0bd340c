import type { Manifest } from '../../models/manifest.js';

/** Options of `rxdepth model import`. */
export interface ImportFlags {
  /** Left out only to have an ONNX file described. */
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly layout?: 'sgdepth' | 'monodepth2' | 's2r-depthnet' | 'dada';
  readonly name?: string;
  readonly license?: string;
  readonly width?: number;
  readonly height?: number;
  readonly classes?: 'cityscapes' | 'none';
  readonly focal?: number;
  readonly metersPerUnit?: number;
  readonly trialSeconds?: number;
  readonly precision?: 'F32' | 'F16';
}

/** `metric depth, 19 classes` */
export function modelSummary({ depth, classes }: Manifest): string {
  const depths = depth.kind === 'none' ? 'no depth' : depth.metric ? 'metric depth' : 'relative depth';
  return `${depths}, ${classes.length === 0 ? 'no segmentation' : `${classes.length} classes`}`;
}

/** The coarsest features have 1/32 of the size, and reflection padding needs two of them in each direction. */
export function isNetworkSize(value: number): boolean {
  return value % 32 === 0 && value >= 64 && value <= 8192;
}
