import { type Observable, tap } from 'rxjs';
import type { CameraInfo } from '../../msgs/camera-info.js';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { imageCodec } from '../../msgs/image.js';
import type { CameraImage, FrameOrFault } from '../perception/frame.js';
import { pair } from '../perception/operators/pair.js';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import { dropStale } from './drop-stale.js';
import type { Parameters } from './parameters.js';
import { whileListened } from './while-listened.js';

/** The topics that a camera is received from. */
export interface CameraInputs {
  readonly image: string;
  readonly imageType: string;
  readonly info: string;
  readonly qos: QosProfile;
  /** camera_infos are small: a few are kept, so that one that waits for its image is not lost. */
  readonly infoQos: QosProfile;
}

export function cameraInputs({ compressed, image_reliability }: Parameters): CameraInputs {
  const qos = { reliability: image_reliability, durability: 'volatile' } as const;
  return {
    image: compressed ? 'image/compressed' : 'image',
    imageType: compressed ? compressedImageCodec.type : imageCodec.type,
    info: 'camera_info',
    qos: { ...qos, depth: 1 },
    infoQos: { ...qos, depth: 10 },
  };
}

export interface CameraStreamOptions {
  readonly parameters: () => Parameters;
  readonly statistics: PipelineStatistics;
  readonly listened: () => boolean;
  readonly onImage: (image: CameraImage) => void;
  readonly onInfo: () => void;
}

/** The frames of a live camera: paired with their calibration, none that is stale, none while nobody wants results. */
export function cameraStream(
  ros: RosNode,
  inputs: CameraInputs,
  options: CameraStreamOptions,
): Observable<FrameOrFault> {
  const { parameters, statistics, listened, onImage, onInfo } = options;
  const image$ = ros
    .messages<CameraImage['message']>(inputs.image, inputs.imageType, inputs.qos)
    .pipe(
      tap(onImage),
      dropStale({ maxAge: () => parameters().max_age, nowNs: () => ros.nowNs(), statistics }),
    );
  const info$ = ros.messages<CameraInfo>(inputs.info, cameraInfoCodec.type, inputs.infoQos).pipe(tap(onInfo));
  const frame$ = pair(image$, info$, { statistics });
  return parameters().lazy ? whileListened(frame$, listened) : frame$;
}
