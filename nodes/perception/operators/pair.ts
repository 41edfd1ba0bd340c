import { Observable } from 'rxjs';
import type { CameraInfo } from '../../../msgs/camera-info.js';
import type { InputMessage } from '../../transport/transport.js';
import { faultOf } from '../fault.js';
import { type CameraFrame, type CameraImage, type FrameOrFault, isRawImage } from '../frame.js';
import type { PipelineStatistics } from '../pipeline-statistics.js';

/** Options of `pair`. */
export interface PairOptions {
  /** Number of images that wait for the camera_info of their stamp; default 8. Beyond it, the first takes another one. */
  readonly patience?: number;
  /** A camera_info that is known before the stream starts. */
  readonly initial?: InputMessage<CameraInfo>;
  /** Returns whether one camera_info serves all images; default: never. They then do not wait for another of their stamp. */
  readonly latched?: () => boolean;
  /** Whether to use the previous camera_info at once, as long as the calibration stays the same; default false: wait. */
  readonly live?: boolean;
  /** Largest distance in time at which a changing calibration still serves, nanoseconds; default 0.25 s. */
  readonly toleranceNs?: bigint;
  /** Counts frames, faults and latencies. */
  readonly statistics?: PipelineStatistics;
}

/** camera_infos remembered while their images have not arrived. */
const MOST_INFOS = 1000;
/** camera_infos on either side of an image's stamp among which one is chosen. */
const NEIGHBOURS = 8;
/** camera_infos alike after which a calibration that changed counts as steady again. */
const STEADY_AFTER = 20;
const DEFAULT_PATIENCE = 8;
const DEFAULT_TOLERANCE_NS = 250_000_000n;

/**
 * Joins every image with the camera_info of the same stamp, in the images' order; where there is none, with the one nearest
 * in time.
 *
 * An image waits until a camera_info of its stamp or a later one arrives, `patience` images wait, or the stream ends. Many drivers
 * publish a latched camera_info or stamp the two apart. With `live` it waits only while the calibration changes. Where several
 * cameras share a topic, those count that agree in frame_id, and in size where the image says one. Another stamp or frame is a
 * warning. Without any camera_info, or where the calibration changes and none is within `toleranceNs`, the frame is a fault of the
 * stage `pair`. The stream ends after the last image.
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

type Info = InputMessage<CameraInfo>;

class Pairing {
  readonly #options: PairOptions;
  readonly #patience: number;
  readonly #emit: (frame: FrameOrFault) => void;
  /** By stamp. */
  readonly #infos: Info[] = [];
  #waiting: Waiting[] = [];
  /** The last of each frame: of another frame it is another camera's, no change. */
  readonly #calibrations = new Map<string, string>();
  /** Whether the calibration ever changed, and how many camera_infos ago. */
  #changed = false;
  #alike = 0;
  /** `patience` images passed since the last camera_info: waiting for another would only delay. */
  #silent = false;
  #everMatched = false;
  /** Stamps of images that did not wait for a camera_info of theirs. */
  readonly #unconfirmed = new Set<bigint>();
  #infosEnded = false;
  #imagesEnded = false;

  constructor(options: PairOptions, emit: (frame: FrameOrFault) => void) {
    this.#options = options;
    this.#patience = options.patience ?? DEFAULT_PATIENCE;
    this.#emit = emit;
    if (options.initial !== undefined) this.#remember(options.initial);
  }

  /** No frame will follow. */
  get imagesEnded(): boolean {
    return this.#imagesEnded && this.#waiting.length === 0;
  }

  get #latched(): boolean {
    return this.#options.latched?.() ?? false;
  }

  get #steady(): boolean {
    return this.#options.live === true && (!this.#changed || this.#alike >= STEADY_AFTER);
  }

  addInfo(info: Info): void {
    this.#silent = false;
    this.#remember(info);
    if (this.#unconfirmed.delete(info.stampNs)) {
      this.#everMatched = true;
      this.#unconfirmed.clear();
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

  #remember(info: Info): void {
    const infos = this.#infos;
    const calibration = calibrationOf(info.message);
    const { frame_id } = info.message.header;
    const isAlike = (this.#calibrations.get(frame_id) ?? calibration) === calibration;
    this.#alike = isAlike ? this.#alike + 1 : 0;
    this.#changed ||= !isAlike;
    if (this.#calibrations.size >= MOST_INFOS) this.#calibrations.clear();
    this.#calibrations.set(frame_id, calibration);
    const index = this.#indexAfter(info.stampNs);
    const before = infos[index - 1];
    const isAgain = before?.stampNs === info.stampNs && sameFrame(before.message.header, info.message.header);
    if (isAgain) infos[index - 1] = info;
    else infos.splice(index, 0, info);
    if (infos.length > MOST_INFOS) infos.shift();
  }

  /** Of the first camera_info that is later. */
  #indexAfter(stampNs: bigint): number {
    const infos = this.#infos;
    let index = infos.length;
    // They come in order, or nearly.
    while (index > 0 && (infos[index - 1]?.stampNs ?? stampNs) > stampNs) index -= 1;
    return index;
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
    const { stampNs } = image;
    const nearest = this.#nearest(image);
    // What was known beforehand is said again when its turn comes.
    if (nearest?.stampNs === stampNs && nearest !== this.#options.initial) {
      this.#everMatched = true;
      return this.#frame(image, nearest, 'stamp', arrivedMs);
    }
    const newest = this.#infos.at(-1);
    const impatient = this.#waiting.length > this.#patience;
    const hopeless = this.#infosEnded || impatient || (newest !== undefined && newest.stampNs > stampNs);
    const served = nearest !== undefined && (this.#silent || this.#latched || this.#steady);
    if (!hopeless && !served) return undefined;
    if (impatient) this.#silent = true;
    if (nearest === undefined) {
      return faultOf(
        'pair',
        image,
        `no camera_info was received for ${image.topic}; give its topic, or intrinsics`,
      );
    }
    const distanceNs = distance(nearest, stampNs);
    if (this.#changed && !this.#latched && distanceNs > (this.#options.toleranceNs ?? DEFAULT_TOLERANCE_NS)) {
      return faultOf(
        'pair',
        image,
        `the camera_info nearest in time on ${nearest.topic} is ${Number(distanceNs / 1_000_000n) / 1000} s away, and the ` +
          `calibration changes: expected one within \`${Number((this.#options.toleranceNs ?? DEFAULT_TOLERANCE_NS) / 1_000_000n) / 1000} s\``,
      );
    }
    if (!this.#latched) this.#warnStamps(image, nearest, hopeless);
    return this.#frame(image, nearest, 'nearest', arrivedMs);
  }

  /** Among those that agree with the image, if any do. */
  #nearest(image: CameraImage): Info | undefined {
    const index = this.#indexAfter(image.stampNs);
    let around = this.#infos.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS);
    const { message } = image;
    const ofFrame = around.filter((info) => sameFrame(info.message.header, message.header));
    if (ofFrame.length > 0) around = ofFrame;
    const exact = around.find(({ stampNs }) => stampNs === image.stampNs);
    if (exact !== undefined) return exact;
    if (isRawImage(message)) {
      const ofSize = around.filter(
        ({ message: { width, height } }) => width === message.width && height === message.height,
      );
      if (ofSize.length > 0) around = ofSize;
    }
    let best: Info | undefined;
    for (const info of around) {
      // Of two that are as near, the later one.
      if (best === undefined || distance(info, image.stampNs) <= distance(best, image.stampNs)) best = info;
    }
    return best;
  }

  #warnStamps(image: CameraImage, { topic }: Info, waited: boolean): void {
    if (!waited && this.#steady) {
      // The camera_info of this stamp may be on its way.
      if (this.#everMatched || this.#unconfirmed.size > this.#patience) return;
      this.#unconfirmed.add(image.stampNs);
      if (this.#unconfirmed.size <= this.#patience) return;
    }
    this.#options.statistics?.warned(
      this.#everMatched
        ? `some images of ${image.topic} have no camera_info of their stamp on ${topic}: the one nearest in time served`
        : `the stamps of ${image.topic} and ${topic} do not match: the camera_info nearest in time serves`,
      'pair',
    );
  }

  #frame(
    image: CameraImage,
    { message: info }: Info,
    pairedBy: CameraFrame['pairedBy'],
    arrivedMs: number,
  ): CameraFrame {
    const imageFrame = image.message.header.frame_id;
    if (info.header.frame_id !== imageFrame) {
      this.#options.statistics?.warned(
        `images are of frame \`${imageFrame}\`, their camera_info of \`${info.header.frame_id}\`: the image's frame_id is kept`,
        'pair',
      );
    }
    return { kind: 'frame', image, info, pairedBy, arrivedMs };
  }
}

function distance({ stampNs }: Info, otherNs: bigint): bigint {
  return stampNs > otherNs ? stampNs - otherNs : otherNs - stampNs;
}

/** `cam` and tf1's `/cam` are one frame. */
function sameFrame(a: { readonly frame_id: string }, b: { readonly frame_id: string }): boolean {
  return a.frame_id.replace(/^\/+/, '') === b.frame_id.replace(/^\/+/, '');
}

/** What a camera_info says beside its header. */
function calibrationOf(info: CameraInfo): string {
  const { width, height, distortion_model, d, k, r, p, binning_x, binning_y, roi } = info;
  const numbers = [d, k, r, p].map((matrix) => Array.from(matrix));
  return JSON.stringify([width, height, distortion_model, numbers, binning_x, binning_y, roi]);
}
