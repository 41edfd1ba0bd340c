import { TrainingError } from '../../errors.js';

/**
 * Which simulator domain every sample of a set comes from. `wide` for one domain, `wide:4500,traffic` for 4500 samples of one
 * and the rest of the next.
 * @param count number of samples in the set.
 * @throws TrainingError when the text reads otherwise, or names more samples than there are.
 */
export function parseDomainMix(text: string, count: number): (index: number) => string {
  const parts = text.split(',').map((part, i, all) => {
    const match = /^([a-z][a-z0-9-]*)(?::(\d+))?$/.exec(part.trim());
    const [, name, samples] = match ?? [];
    if (name === undefined || (samples === undefined) !== (i === all.length - 1)) {
      throw new TrainingError(`expected a domain, or \`DOMAIN:SAMPLES,...,DOMAIN\`, got \`${text}\``);
    }
    return { name, samples: samples === undefined ? Number.POSITIVE_INFINITY : Number(samples) };
  });
  const named = parts.slice(0, -1).reduce((sum, { samples }) => sum + samples, 0);
  if (named >= count && parts.length > 1) {
    throw new TrainingError(
      `domains \`${text}\`: expected fewer than \`${count}\` samples before the last domain`,
    );
  }
  return (index) => {
    let end = 0;
    for (const { name, samples } of parts) {
      end += samples;
      if (index < end) return name;
    }
    throw new RangeError(`sample ${index} has no domain`); // the last part has no end
  };
}
