import type { CameraSettings } from '../../../msgs/camera/camera-settings.js';
import type { CropName } from '../../datasets/files/crop.js';
import type { Threshold } from './threshold.js';

/** What `rxdepth report OUTPUT` is asked to do. */
export interface ReportFlags extends CameraSettings {
  readonly output: string;
  readonly against?: string;
  readonly truth?: string;
  readonly lidar?: string;
  readonly truthDepth?: string;
  readonly truthLabels: string;
  readonly crop: CropName;
  readonly atLeast?: readonly Threshold[];
  readonly atMost?: readonly Threshold[];
  readonly overwrite?: boolean;
}
