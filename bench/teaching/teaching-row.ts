import type { DriveQuality } from '../adaptation/drive-quality.js';

/** What became of an adaptation with one teacher. */
export interface TeachingRow {
  readonly teacher: string;
  /** As adapt ends; `error` where the teacher has nothing to teach. */
  readonly outcome: string;
  readonly reasons: readonly string[];
  /** What the drive confirmed. */
  readonly lessons: string;
  /** Of the candidate, on other drives. */
  readonly absRel: DriveQuality;
}

/** The table; the last line is JSON. */
export function teachingText(before: DriveQuality, rows: readonly TeachingRow[]): string {
  const cell = (of: (quality: DriveQuality) => number, quality: DriveQuality) => {
    const change = 100 * (of(quality) / of(before) - 1);
    return `${of(quality).toFixed(4)} (${change > 0 ? '+' : ''}${change.toFixed(1)} %)`;
  };
  return [
    `AbsRel before: ${before.medianScaled.toFixed(4)} median-scaled, ${before.unscaled.toFixed(4)} in metres`,
    '',
    '| teacher | lessons | AbsRel, median-scaled | in metres | outcome | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(({ teacher, lessons, absRel, outcome, reasons }) =>
      [
        '',
        teacher,
        lessons,
        cell((each) => each.medianScaled, absRel),
        cell((each) => each.unscaled, absRel),
        outcome,
        reasons.join('; '),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
    '',
    JSON.stringify({
      before,
      rows: rows.map(({ teacher, outcome, absRel }) => ({ teacher, outcome, absRel })),
    }),
  ].join('\n');
}
