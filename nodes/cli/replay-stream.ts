import { filter, finalize, type Observable, Subject, share, take, takeUntil } from 'rxjs';
import type { BagMessage } from '../../msgs/bag/bag-reader.js';
import type { BagCamera } from '../../msgs/bag/find-camera.js';
import { type CameraInfo, cameraInfoCodec } from '../../msgs/camera-info.js';
import { type CompressedImage, compressedImageCodec } from '../../msgs/compressed-image.js';
import { type Image, imageCodec } from '../../msgs/image.js';
import type { MessageCodec } from '../../msgs/message-codec.js';
import { faultOf } from '../perception/fault.js';
import type { FrameOrFault } from '../perception/frame.js';
import { pair } from '../perception/operators/pair.js';
import { withCameraInfo } from '../perception/operators/with-camera-info.js';
import type { PipelineStatistics } from '../perception/pipeline-statistics.js';
import { decodeMessages } from '../transport/bag/decode-messages.js';

export interface ReplayStreamOptions {
  readonly camera: BagCamera;
  /** Stands in for the camera_info topic. */
  readonly givenInfo: CameraInfo | undefined;
  /** Topics whose messages go into the output as they are, with their types. */
  readonly copied: ReadonlyMap<string, string>;
  /** Frames after which the replay ends. */
  readonly limit: number | undefined;
  readonly statistics: PipelineStatistics;
}

export interface ReplayStreams {
  readonly frame$: Observable<FrameOrFault>;
  /** Ends with `frame$`. */
  readonly copy$: Observable<BagMessage>;
}

/** Splits what is read from a bag into the camera's frames and the messages that are only copied. */
export function replayStreams(
  recorded$: Observable<BagMessage>,
  options: ReplayStreamOptions,
): ReplayStreams {
  const { camera, givenInfo, copied, limit, statistics } = options;
  const ended = new Subject<void>();
  const shared$ = recorded$.pipe(share());

  const image$ = shared$.pipe(
    filter(({ topic }) => topic === camera.topic),
    decodeMessages(imageCodecOf(camera.type), (message, error) => {
      statistics.failed(faultOf('read', { ...message, stampNs: message.logTimeNs }, error));
    }),
  );
  const info$ = shared$.pipe(
    filter(({ topic }) => topic === camera.infoTopic),
    decodeMessages(cameraInfoCodec, ({ topic }) =>
      statistics.warned(`damaged messages of ${topic} are left out`),
    ),
  );
  const paired$ =
    givenInfo === undefined
      ? pair(image$, info$, { statistics, ...(camera.firstInfo && { initial: camera.firstInfo }) })
      : image$.pipe(withCameraInfo(givenInfo));
  return {
    frame$: paired$.pipe(
      limit === undefined ? (same$) => same$ : take(limit),
      finalize(() => ended.next()),
    ),
    copy$: shared$.pipe(
      filter(({ topic, type }) => {
        const expected = copied.get(topic);
        if (expected === undefined || type === '' || type === expected) return expected !== undefined;
        statistics.warned(`messages of ${topic} that are no ${expected} are not copied`);
        return false;
      }),
      takeUntil(ended),
    ),
  };
}

function imageCodecOf(type: string): MessageCodec<Image | CompressedImage> {
  return type === imageCodec.type
    ? (imageCodec as MessageCodec<Image | CompressedImage>)
    : (compressedImageCodec as MessageCodec<Image | CompressedImage>);
}
