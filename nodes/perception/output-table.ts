import { COMPRESSED_TOPICS } from '../../msgs/picture/compress-image.js';
import { OUTPUT_ROWS, type OutputSpec } from './outputs.js';

const NEEDS = {
  depth: "the model's depth",
  classes: "the model's classes",
  confidence: "the model's confidence",
  motion: 'the comparison of frames',
  obstacles: '`--obstacles`, or a subscriber',
  tf: '`--obstacles`, `--odometry-tf`, or a subscriber of `scan`',
} as const;
const COMPRESSIONS = { png: 'png', jpeg: 'jpeg', depth: 'png of 16 bits' } as const;
const METRIC = { only: 'a metric scale', never: 'no metric scale yet' } as const;

/** `text` (docs/topics.md) with what lies between its two `outputs` markers replaced by the table of outputs. */
export function withOutputTable(text: string): string {
  const rows = OUTPUT_ROWS.map(([, spec]) => {
    const name = spec.topic.startsWith('/') ? spec.topic : `/rxdepth/${spec.topic}`;
    return `| \`${name}\` | ${spec.codec.type.replace('/msg/', '/')} | ${needsOf(spec)} | ${spec.content}${compressedOf(spec)} |`;
  });
  const table = ['| topic | type | needs | content |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return text.replace(
    /(<!-- outputs -->\n)[\s\S]*(<!-- \/outputs -->)/,
    (_, begin: string, end: string) => `${begin}${table}\n${end}`,
  );
}

function compressedOf({ compression }: OutputSpec): string {
  return compression === undefined
    ? ''
    : `. Compressed: \`/${COMPRESSED_TOPICS[compression]}\`, ${COMPRESSIONS[compression]}`;
}

function needsOf({ needs, metric }: OutputSpec): string {
  return [...needs.map((need) => NEEDS[need]), ...(metric ? [METRIC[metric]] : [])].join(', ');
}
