import type { EncoderOrigin } from '../../../models/manifest.js';

/** This project's own. */
const OWN = 'Apache-2.0';

/** The licence of a model that this project trained, given the published weights it started from. */
export function modelLicense(encoder: EncoderOrigin | undefined): string {
  if (encoder === undefined || encoder.license === OWN) return OWN;
  return encoder.license === undefined
    ? `${OWN}, and that of ${encoder.file}, which does not say it: ask its publisher`
    : `${OWN} AND ${encoder.license}`;
}
