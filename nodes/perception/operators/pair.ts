import { Observable } from 'rxjs';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { InputMessage } from '../../transport/transport.js';
import { faultOf } from '../fault.js';
import { type CameraFrame, type CameraImage, type FrameOrFault, isRawImage } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';

export interface PairOptions {
  /** Images that wait for the camera_info of their stamp before another one is taken, default 8. */
  readonly patience?: number;
  /** A camera_info known before the stream starts. */
  readonly initial?: InputMessage<CameraInfo>;
  /** Whether one camera_info serves for all images: they do not wait for another of their stamp, and none is missed. */
  readonly latched?: () => boolean;
  readonly statistics?: PipelineStatistics;
}

/** camera_infos remembered while their images have not arrived. */
const MOST_INFOS = 1000;

/**
 * Joins every image with the camera_info of the same stamp, in the images' order.
 *
 * Where that one is missing (a later one arrived, or `patience` images wait, or the stream ended) the latest
 * camera_info serves if its frame_id, and its size where the image says one, agree: many drivers publish a latched
 * camera_info or stamp the two apart. That is a warning; without any camera_info that agrees the frame is a fault.
 */
export function pair(
  image$: Observable<CameraImage>,
  cameraInfo$: Observable<InputMessage<CameraInfo>>,
  options: PairOptions = {},
): Observable<FrameOrFault> {
  return new Observable((subscriber) => {
    const pairing = new Pairing(options, (frame) => subscriber.next(frame));
    const complete = () => {
      if (pairing.imagesEnded) subscriber.complete();
    };
    // camera_infos first: a synchronous source of images must find them.
    subscriber.add(
      cameraInfo$.subscribe({
        next: (info) => {
          pairing.addInfo(info);
          complete();
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          pairing.endInfos();
          complete();
        },
      }),
    );
    subscriber.add(
      image$.subscribe({
        next: (image) => pairing.addImage(image),
        error: (error) => subscriber.error(error),
        complete: () => {
          pairing.endImages();
          complete();
        },
      }),
    );
  });
}

interface Waiting {
  readonly image: CameraImage;
  readonly arrivedMs: number;
}

class Pairing {
  readonly #options: PairOptions;
  readonly #emit: (frame: FrameOrFault) => void;
  readonly #infos = new Map<bigint, CameraInfo>();
  #waiting: Waiting[] = [];
  #latest: InputMessage<CameraInfo> | undefined;
  #newestStampNs: bigint | undefined;
  /** The stamps never matched so far: waiting for a match would only delay. */
  #unmatched = false;
  #everMatched = false;
  #infosEnded = false;
  #imagesEnded = false;

  constructor(options: PairOptions, emit: (frame: FrameOrFault) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#latest = options.initial;
  }

  /** No frame will follow. */
  get imagesEnded(): boolean {
    return this.#imagesEnded && this.#waiting.length === 0;
  }

  get #latched(): boolean {
    return this.#options.latched?.() ?? false;
  }

  addInfo(info: InputMessage<CameraInfo>): void {
    this.#infos.set(info.stampNs, info.message);
    this.#latest = info;
    if (this.#newestStampNs === undefined || info.stampNs > this.#newestStampNs)
      this.#newestStampNs = info.stampNs;
    if (this.#infos.size > MOST_INFOS) {
      const oldest = this.#infos.keys().next();
      if (!oldest.done) this.#infos.delete(oldest.value);
    }
    this.#drain();
  }

  addImage(image: CameraImage): void {
    this.#waiting.push({ image, arrivedMs: performance.now() });
    this.#drain();
  }

  endInfos(): void {
    this.#infosEnded = true;
    this.#drain();
  }

  endImages(): void {
    this.#imagesEnded = true;
    // A camera_info that follows its image by a little is still on its way, so nothing is forced here: the end of
    // the camera_infos decides. Both ends come together in a bag.
    this.#drain();
  }

  #drain(): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      const frame = this.#resolve(head);
      if (frame === undefined) return;
      this.#waiting.shift();
      this.#options.statistics?.passed('pair', performance.now() - head.arrivedMs);
      this.#emit(frame);
    }
  }

  /** undefined: its camera_info may still come. */
  #resolve({ image, arrivedMs }: Waiting): FrameOrFault | undefined {
    const exact = this.#infos.get(image.stampNs);
    if (exact !== undefined) {
      this.#everMatched = true;
      this.#unmatched = false;
      this.#warnFrames(image, exact);
      return { kind: 'frame', image, info: exact, pairedBy: 'stamp', arrivedMs };
    }
    const overtaken = this.#newestStampNs !== undefined && this.#newestStampNs > image.stampNs;
    const patience = this.#options.patience ?? 8;
    const hopeless = this.#infosEnded || overtaken || this.#waiting.length > patience;
    const served = this.#latest !== undefined && (this.#unmatched || this.#latched);
    if (!hopeless && !served) return undefined;
    return this.#fallBack(image, arrivedMs);
  }

  #fallBack(image: CameraImage, arrivedMs: number): FrameOrFault {
    const statistics = this.#options.statistics;
    const latest = this.#latest;
    if (latest === undefined) {
      return faultOf(
        'pair',
        image,
        `no camera_info was received for ${image.topic}; give its topic, or intrinsics`,
      );
    }
    const disagreement = this.#disagreement(image, latest);
    if (disagreement !== undefined) return faultOf('pair', image, disagreement);
    if (!this.#latched) {
      if (!this.#everMatched) this.#unmatched = true;
      statistics?.warned(
        this.#everMatched
          ? `some images of ${image.topic} have no camera_info of their stamp on ${latest.topic}: the latest one served`
          : `the stamps of ${image.topic} and ${latest.topic} do not match: the latest camera_info serves`,
        'pair',
      );
    }
    return {
      kind: 'frame',
      image,
      info: latest.message,
      pairedBy: 'latest',
      arrivedMs,
    } satisfies CameraFrame;
  }

  #disagreement(image: CameraImage, { topic, message: info }: InputMessage<CameraInfo>): string | undefined {
    const { message } = image;
    const imageFrame = message.header.frame_id;
    if (info.header.frame_id !== imageFrame) {
      return (
        `${topic} has no camera_info of the image's stamp, and the latest is of frame \`${info.header.frame_id}\`, ` +
        `not \`${imageFrame}\`; give the camera_info topic of this camera, or intrinsics`
      );
    }
    if (!isRawImage(message) || info.width === 0 || info.roi.width !== 0 || info.binning_x > 1)
      return undefined;
    if (info.width === message.width && info.height === message.height) return undefined;
    return (
      `${topic} has no camera_info of the image's stamp, and the latest is for \`${info.width} x ${info.height}\`, ` +
      `not ${message.width} x ${message.height}`
    );
  }

  #warnFrames(image: CameraImage, info: CameraInfo): void {
    const imageFrame = image.message.header.frame_id;
    if (info.header.frame_id === imageFrame) return;
    this.#options.statistics?.warned(
      `images are of frame \`${imageFrame}\`, their camera_info of \`${info.header.frame_id}\`: the image's frame_id is kept`,
      'pair',
    );
  }
}
