import { defer, type Observable, Subject, type Subscription, startWith } from 'rxjs';
import { type CameraInfo, cameraInfoCodec } from '../../msgs/camera-info.js';
import { durableMessages } from '../transport/ros2/durable-messages.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { InputMessage } from '../transport/transport.js';

/** Images in a row without a camera_info of their own that show that none of theirs will come. */
const ALONE = 2;

/**
 * Hears a camera's camera_info from its making to its end, images or not. One that is latched comes once, perhaps long before
 * the first image is wanted.
 */
export class CameraInfos {
  readonly #info$ = new Subject<InputMessage<CameraInfo>>();
  readonly #heard: Subscription;
  #latest: InputMessage<CameraInfo> | undefined;
  #offered = false;
  #count = 0;
  #imagesSince = 0;

  /** @param onInfo is told of every one */
  constructor(ros: RosNode, topic: string, qos: QosProfile, onInfo: () => void) {
    const onOffered = (latched: boolean) => {
      this.#offered = latched;
    };
    const type = cameraInfoCodec.type;
    this.#heard = durableMessages<CameraInfo>(ros, { topic, type, qos, onOffered }).subscribe((info) => {
      this.#count += 1;
      this.#imagesSince = 0;
      this.#latest = info;
      onInfo();
      this.#info$.next(info);
    });
  }

  /** The latest one, and all that follow. */
  get info$(): Observable<InputMessage<CameraInfo>> {
    return defer(() =>
      this.#latest === undefined ? this.#info$ : this.#info$.pipe(startWith(this.#latest)),
    );
  }

  /** Whether one serves for all images: its publisher latches it, and sends none beside the images. */
  get latched(): boolean {
    return this.#offered && (this.#count === 1 || this.#imagesSince >= ALONE);
  }

  imageArrived(): void {
    this.#imagesSince += 1;
  }

  /** Time began again: one that was streamed later than this stamp belongs to no image to come. */
  beginAgain(stampNs: bigint): void {
    if (!this.latched && this.#latest !== undefined && this.#latest.stampNs > stampNs)
      this.#latest = undefined;
  }

  end(): void {
    this.#heard.unsubscribe();
  }
}
