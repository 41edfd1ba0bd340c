import { type Observable, tap } from 'rxjs';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { imageCodec } from '../../msgs/image.js';
import type { CameraImage, FrameOrFault } from '../perception/frame.js';
import { pair } from '../perception/operators/pair.js';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { Demand, RosNode } from '../transport/ros2/ros-node.js';
import type { CameraInfos } from './camera-infos.js';
import { dropStale } from './drop-stale.js';
import type { Parameters } from './parameters.js';
import { UnseenImages } from './unseen-images.js';
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
  /** While it is not open, images wait in DDS. */
  readonly demand: Demand;
  /** @param unseen images before it that newer ones replaced there */
  readonly onImage: (image: CameraImage, unseen: number) => void;
  readonly infos: CameraInfos;
  /** Is told why images are dropped for their stamps. */
  readonly onStale: (text: string) => void;
}

/** The frames of a live camera: paired with their calibration, none that is stale, none while nobody wants results. */
export function cameraStream(
  ros: RosNode,
  inputs: CameraInputs,
  options: CameraStreamOptions,
): Observable<FrameOrFault> {
  const { parameters, statistics, listened, demand, onImage, infos, onStale } = options;
  const unseenImages = new UnseenImages();
  const image$ = ros
    .messages<CameraImage['message']>(inputs.image, inputs.imageType, inputs.qos, demand)
    .pipe(
      tap((image) => {
        const unseen = unseenImages.image(image.stampNs);
        for (let index = 0; index < unseen; index++) statistics.dropped('latest');
        infos.imageArrived();
        onImage(image, unseen);
      }),
      dropStale({ parameters, nowNs: () => ros.nowNs(), statistics, say: onStale }),
    );
  const info$ = infos.info$.pipe(tap(({ stampNs }) => unseenImages.info(stampNs, !demand.open)));
  const frame$ = pair(image$, info$, { statistics, live: true, latched: () => infos.latched });
  return parameters().lazy ? whileListened(frame$, listened) : frame$;
}
