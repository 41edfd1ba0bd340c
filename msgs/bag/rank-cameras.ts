import { baseTopic } from '../camera/image-transport.js';
import { compressedImageCodec } from '../compressed-image.js';
import { imageCodec } from '../image.js';
import { imageEncoding } from '../image-encoding.js';
import { compressedFormat } from '../picture/compressed-format.js';
import type { BagMessage, BagTopic } from './bag-reader.js';
import { infoBeside } from './info-beside.js';

/** An image topic that can be a camera's, and what speaks for and against it. */
export interface CameraCandidate {
  readonly topic: BagTopic;
  readonly score: number;
  readonly reasons: readonly string[];
  /** Whether its own name, not only its namespace, is that of a measurement or result. */
  readonly resultByName: boolean;
}

/** Words that images of measurements and results are called by. */
const RESULT = /depth|disparity|label|segmentation|instance|mask|dynamic|confidence/i;
/** Numbers that are metres or the like, whatever the topic is called. */
const MEASUREMENTS = ['32FC1', '64FC1', '16UC1'];

const SCORES = { info: 2, color: 1, unreadable: -2, namespace: -3, name: -4 } as const;
/** A compressed topic with so many times the messages of the raw one is the recording. */
const FULLER = 1.5;

/**
 * The cameras among image topics, the likeliest first.
 *
 * Facts: depth encodings and compressedDepth are no pictures; a camera_info beside an image, and colour, speak for it. Hints:
 * names of measurements and results speak against it, in its namespace less than in its own name. Topics that differ in their
 * transport only are one camera. The raw image is taken, which needs no decoding and lost nothing, then jpeg and png, then
 * video, unless far fewer were recorded.
 */
export function rankCameras(
  images: readonly BagTopic[],
  firsts: ReadonlyMap<string, BagMessage>,
  infos: readonly BagTopic[],
): CameraCandidate[] {
  const cameras = new Map<string, CameraCandidate>();
  for (const topic of images) {
    const candidate = judged(topic, firsts.get(topic.topic), infos);
    if (candidate === undefined) continue;
    const base = baseTopic(topic.topic);
    const known = cameras.get(base);
    const chosen = known === undefined ? candidate : ofTwo(known, candidate);
    cameras.set(base, chosen);
  }
  return [...cameras.values()].sort((a, b) => b.score - a.score);
}

function ofTwo(a: CameraCandidate, b: CameraCandidate): CameraCandidate {
  const [better, other] = codingOf(a) <= codingOf(b) ? [a, b] : [b, a];
  const fuller =
    (other.topic.messageCount ?? 0) > FULLER * (better.topic.messageCount ?? Number.POSITIVE_INFINITY);
  const taken = fuller ? other : better;
  const left = fuller ? better : other;
  const plain = codingOf(better) === 0 ? 'not compressed, as is' : 'pictures of their own, not video as is';
  const why = fuller ? 'with far more messages than' : plain;
  return { ...taken, reasons: [...taken.reasons, `${why} ${left.topic.topic} of the same camera`] };
}

/** How much was lost and has to be decoded: not compressed, pictures, video. */
function codingOf({ topic: { type, recordedAs } }: CameraCandidate): number {
  if (recordedAs !== undefined) return 2;
  return type === imageCodec.type ? 0 : 1;
}

/** Undefined for what is no picture by its content. */
function judged(
  topic: BagTopic,
  first: BagMessage | undefined,
  infos: readonly BagTopic[],
): CameraCandidate | undefined {
  const content = contentOf(topic, first);
  if (content === 'measurement') return undefined;
  const reasons: string[] = [];
  let score = 0;
  const add = (points: number, reason: string) => {
    score += points;
    reasons.push(reason);
  };
  if (infoBeside(topic.topic, infos) !== undefined) add(SCORES.info, 'with a camera_info beside it');
  if (content.color) add(SCORES.color, content.what);
  else if (content.readable) reasons.push(content.what);
  else add(SCORES.unreadable, content.what);
  const segments = baseTopic(topic.topic).split('/');
  const own = segments.pop() ?? '';
  const parent = segments.at(-1) ?? '';
  const resultByName = RESULT.test(own);
  // `/depth/image` is called depth; `/depthai/rgb/image` only lives there.
  const calledByParent = new RegExp(`^(${RESULT.source})s?$`, 'i').test(parent);
  if (resultByName || calledByParent) add(SCORES.name, 'named like a measurement or result');
  if (!calledByParent && RESULT.test(segments.join('/')))
    add(SCORES.namespace, 'in a namespace like a result');
  return { topic, score, reasons, resultByName };
}

interface Content {
  readonly what: string;
  readonly color: boolean;
  readonly readable: boolean;
}

function contentOf({ type, recordedAs }: BagTopic, first: BagMessage | undefined): Content | 'measurement' {
  const unreadable = (what: string): Content => ({ what, color: false, readable: false });
  if (first === undefined) return unreadable('no message that can be read');
  if (recordedAs !== undefined) return { what: 'video', color: true, readable: true };
  try {
    if (type === compressedImageCodec.type) {
      const { format } = compressedImageCodec.decode(first.cdr);
      if (/compresseddepth/i.test(format)) return 'measurement';
      if (/^\s*(mono|8UC1|16UC1)/i.test(format)) return { what: 'grey', color: false, readable: true };
      const codec = compressedFormat(format) ?? 'compressed';
      return { what: codec, color: true, readable: true };
    }
    const { encoding } = imageCodec.decode(first.cdr);
    if (MEASUREMENTS.includes(encoding)) return 'measurement';
    const known = imageEncoding(encoding);
    if (known === undefined) return unreadable(`of unknown encoding "${encoding.slice(0, 40)}"`);
    return { what: encoding, color: !/^(mono|8UC1)/i.test(known.name), readable: true };
  } catch (error) {
    // A damaged message is a fault of its frame; so is a format that cannot be read.
    return unreadable((error as Error).message.slice(0, 80));
  }
}
