import { type Observable, tap } from 'rxjs';
import { compressedImageCodec } from '../../msgs/compressed-image.js';
import { compressedVideoCodec } from '../../msgs/compressed-video.js';
import { ffmpegPacketCodec } from '../../msgs/ffmpeg-packet.js';
import { imageCodec } from '../../msgs/image.js';
import { VIDEO_TYPES, type VideoPacket } from '../../msgs/video/video-packet.js';
import { faultOf } from '../perception/fault.js';
import type { CameraImage, FrameOrFault } from '../perception/frame.js';
import { pair } from '../perception/operators/pair.js';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { Demand, RosNode } from '../transport/ros2/ros-node.js';
import type { CameraInfos } from './camera-infos.js';
import { decodeVideo } from './decode-video.js';
import { dropStale } from './drop-stale.js';
import type { Parameters } from './parameters.js';
import { UnseenImages } from './unseen-images.js';
import { whileListened } from './while-listened.js';

/** The topics that a camera is received from. */
export interface CameraInputs {
  readonly image: string;
  readonly imageType: string;
  readonly info: string;
  /** Where the images are video: what a message holds. */
  readonly packetOf?: ((message: unknown) => VideoPacket) | undefined;
  readonly qos: QosProfile;
  /** camera_infos are small: a few are kept, so that one that waits for its image is not lost. */
  readonly infoQos: QosProfile;
}

/** Packets that DDS keeps while the node is at something else: none may be missed. */
const VIDEO_DEPTH = 30;

/** What images come as, by the parameters `compressed` and `video`. Received messages are of their type. */
const INPUTS = {
  raw: { image: 'image', imageType: imageCodec.type, packetOf: undefined },
  compressed: { image: 'image/compressed', imageType: compressedImageCodec.type, packetOf: undefined },
  foxglove: {
    image: 'image/foxglove',
    imageType: compressedVideoCodec.type,
    packetOf: VIDEO_TYPES[compressedVideoCodec.type]?.ofMessage,
  },
  ffmpeg: {
    image: 'image/ffmpeg',
    imageType: ffmpegPacketCodec.type,
    packetOf: VIDEO_TYPES[ffmpegPacketCodec.type]?.ofMessage,
  },
} as const;

/** Topics, types and QoS of the camera, as the parameters say. */
export function cameraInputs({ compressed, video, image_reliability }: Parameters): CameraInputs {
  const qos = { reliability: image_reliability, durability: 'volatile' } as const;
  const input = INPUTS[video === 'none' ? (compressed ? 'compressed' : 'raw') : video];
  return {
    ...input,
    info: 'camera_info',
    qos: { ...qos, depth: input.packetOf === undefined ? 1 : VIDEO_DEPTH },
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
  const { image, imageType, qos, packetOf } = inputs;
  const received$: Observable<CameraImage> =
    packetOf === undefined
      ? ros.messages<CameraImage['message']>(image, imageType, qos, demand)
      : ros.messages(image, imageType, qos).pipe(
          decodeVideo({
            packetOf,
            onLoss: (frame, reason) => statistics.failed(faultOf('video', frame, reason)),
          }),
        );
  const image$ = received$.pipe(
    tap((image) => {
      const unseen = unseenImages.image(image.stampNs);
      for (let index = 0; index < unseen; index++) statistics.dropped('latest');
      infos.imageArrived();
      onImage(image, unseen);
    }),
    dropStale({ parameters, nowNs: () => ros.nowNs(), statistics, say: onStale }),
  );
  // Video is received whole: nothing of it waits in DDS.
  const info$ = infos.info$.pipe(
    tap(({ stampNs }) => unseenImages.info(stampNs, packetOf === undefined && !demand.open)),
  );
  const toleranceNs = BigInt(Math.round(parameters().sync_tolerance * 1e9));
  const frame$ = pair(image$, info$, { statistics, live: true, toleranceNs, latched: () => infos.latched });
  return parameters().lazy ? whileListened(frame$, listened) : frame$;
}
