import { map, type OperatorFunction } from 'rxjs';
import {
  type ImageExtent,
  type SoundCameraInfo,
  soundCameraInfo,
} from '../../../msgs/camera/sound-camera-info.js';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import { pictureHeader } from '../../../msgs/picture/picture-header.js';
import type { CameraKind } from '../engine/inference-request.js';
import { faultOf } from '../fault.js';
import { type CameraImage, type FrameOrFault, isRawImage } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';

/** Options of `calibrate`. */
export interface CalibrateOptions {
  /** Whether the images are `raw`, so that K and D count, or `rectified`, so that P counts. */
  readonly cameraKind: CameraKind;
  /** Counts warnings and faults. */
  readonly statistics?: PipelineStatistics;
}

/**
 * Corrects the frames' camera_infos, and warns of what looks wrong in them. A frame becomes a fault of the stage
 * `calibrate`, before decoding, if its camera_info is impossible or is for images of another size. Faults pass unchanged.
 */
export function calibrate({
  cameraKind,
  statistics,
}: CalibrateOptions): OperatorFunction<FrameOrFault, FrameOrFault> {
  return (source) => {
    // Of one stream nearly all are alike.
    let latest: { readonly key: string; readonly sound: SoundCameraInfo } | undefined;
    const soundOf = (info: CameraInfo, size: ImageExtent | undefined) => {
      const { header: _, d, k, r, p, ...rest } = info;
      const key = JSON.stringify([rest, [d, k, r, p].map((numbers) => Array.from(numbers)), size]);
      if (latest?.key !== key) latest = { key, sound: soundCameraInfo(info, cameraKind, size) };
      return latest.sound;
    };
    return source.pipe(
      map((item) => {
        if (item.kind === 'fault') return item;
        try {
          const { info, warnings } = soundOf(item.info, sizeOf(item.image));
          for (const warning of warnings) statistics?.warned(warning, 'calibrate');
          return { ...item, info: { ...info, header: item.info.header } };
        } catch (error) {
          return faultOf('calibrate', item.image, error);
        }
      }),
    );
  };
}

/** Undefined where the picture does not say it: decoding it says why. */
function sizeOf({ message }: CameraImage): ImageExtent | undefined {
  if (isRawImage(message)) return { width: message.width, height: message.height };
  try {
    const { width, height } = pictureHeader(message.data);
    return { width, height };
  } catch {
    return undefined;
  }
}
