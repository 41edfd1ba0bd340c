import type { ConfidenceEvaluation } from './metrics/confidence-tally.js';
import { table } from './report-text.js';

/** What a confidence is worth, for people: the sparsification error, and what was said beside what came true. */
export function confidenceText(evaluation: ConfidenceEvaluation): string {
  const { images, ause, auseOfNone, calibrationError, sparsification, reliability } = evaluation;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const left = (share: number) =>
    sparsification[Math.round((1 - share) * sparsification.length)]?.toFixed(3) ?? '-';
  const filled = reliability.filter(({ pixels }) => pixels > 0);
  return [
    `Confidence: ${images} images; AUSE ${ause.toFixed(3)} of AbsRel (${auseOfNone.toFixed(3)} if it said nothing), calibration error ${percent(calibrationError)}`,
    `AbsRel of all pixels ${left(1)}, of the most confident 90 % ${left(0.9)}, 75 % ${left(0.75)}, 50 % ${left(0.5)}`,
    '',
    table([
      ['said', ...filled.map(({ said }) => said.toFixed(2))],
      ['within 25 %', ...filled.map(({ within }) => within.toFixed(2))],
      ['of the pixels', ...filled.map(({ pixels }) => percent(pixels / evaluation.pixels))],
    ]),
  ].join('\n');
}
