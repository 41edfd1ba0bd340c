import type { DeviceChoice } from '../../models/device.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import type { CropName } from '../datasets/files/crop.js';

/** What both ways of evaluating take. */
export interface ReportFlags {
  readonly cap?: number;
  readonly crop?: CropName;
  readonly medianScaling?: 'on' | 'off';
  readonly json?: string;
  readonly pictures?: string;
  readonly panelEvery?: number;
  /** As it was called before. */
  readonly every?: number;
  readonly overwrite?: boolean;
}

/** Number of images of which one has a panel. */
export function panelEvery({ panelEvery: given, every }: ReportFlags): number {
  return given ?? every ?? 10;
}

/** `rxdepth evaluate OUTPUT --truth BAG`. */
export interface BagFlags extends ReportFlags, CameraSettings {
  readonly truth: string;
  readonly lidar?: string;
  readonly truthDepth?: string;
  readonly truthLabels: string;
  readonly depth: string;
  readonly labels: string;
  readonly confidence: string;
}

/** `rxdepth evaluate --dataset SPEC`. */
export interface DatasetFlags extends ReportFlags {
  readonly dataset: string;
  readonly model?: string;
  readonly split?: string;
  readonly device: DeviceChoice;
  readonly limit?: number;
  readonly against?: string;
}
