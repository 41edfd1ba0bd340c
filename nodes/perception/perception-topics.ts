import type { Manifest } from '../../models/manifest.js';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { imageCodec } from '../../msgs/image.js';
import { labelInfoCodec } from '../../msgs/label-info.js';
import type { MessageCodec } from '../../msgs/message-codec.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import type { OutputTopic } from '../transport/transport.js';

/** Full names of what perception publishes. */
export interface PerceptionTopics {
  /** In metres; absent where no scale is known, and never will be, or the model has no depth. */
  readonly depth?: string;
  /** Of frames without a known scale; absent where there is none such. */
  readonly relative?: string;
  readonly depthInfo?: string;
  /** These four are absent where the model has no segmentation. */
  readonly labels?: string;
  readonly color?: string;
  readonly labelInfo?: string;
  readonly dynamic?: string;
  /** Absent where no metric scale is known: there is no cloud then. */
  readonly points?: string;
  /** These two are absent where nobody judges what moves, and without segmentation. */
  readonly moving?: string;
  readonly staticPoints?: string;
  readonly status: string;
}

/**
 * The topics under `namespace` (`/rxdepth`). Depth without a metric scale never appears under the metric names.
 * @param metric whether the depth is in metres; `later`: as soon as a scale was estimated
 * @param model what it gives decides which topics there are
 * @param motion whether what moves is told from what stands
 */
export function perceptionTopics(
  namespace: string,
  metric: boolean | 'later',
  { depth, classes }: Pick<Manifest, 'depth' | 'classes'>,
  motion = false,
): PerceptionTopics {
  const name = (relative: string) => `${namespace.replace(/\/$/, '')}/${relative}`;
  return {
    ...(depth.kind !== 'none' && {
      ...(metric !== false && { depth: name('depth/image') }),
      ...(metric !== true && { relative: name('depth/relative') }),
      depthInfo: name('depth/camera_info'),
    }),
    ...(classes.length > 0 && {
      labels: name('segmentation/labels'),
      color: name('segmentation/color'),
      labelInfo: name('segmentation/label_info'),
      dynamic: name('dynamic/mask'),
      ...(motion && { moving: name('dynamic/moving') }),
    }),
    ...(metric !== false && { points: name('points') }),
    ...(metric !== false && motion && classes.length > 0 && { staticPoints: name('points/static') }),
    status: name('status'),
  };
}

/** Type and definition of every topic, as sinks want them announced. */
export function advertisements(topics: PerceptionTopics): OutputTopic[] {
  const of = (
    topic: string | undefined,
    { type, definition }: Pick<MessageCodec<unknown>, 'type' | 'definition'>,
    latched = false,
  ): OutputTopic[] => (topic === undefined ? [] : [{ topic, type, definition, latched }]);
  return [
    ...of(topics.depth, imageCodec),
    ...of(topics.relative, imageCodec),
    ...of(topics.depthInfo, cameraInfoCodec),
    ...of(topics.labels, imageCodec),
    ...of(topics.color, imageCodec),
    ...of(topics.labelInfo, labelInfoCodec, true),
    ...of(topics.dynamic, imageCodec),
    ...of(topics.moving, imageCodec),
    ...of(topics.points, pointCloud2Codec),
    ...of(topics.staticPoints, pointCloud2Codec),
    ...of(topics.status, perceptionStatusCodec),
  ];
}
