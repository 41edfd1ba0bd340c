import type { BagReader } from '../../../msgs/bag/bag-reader.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { labelInfoCodec } from '../../../msgs/label-info.js';
import { findTruth } from '../../datasets/truth/find-truth.js';
import { evaluateDepth } from '../evaluate-depth.js';
import { evaluateSegmentation } from '../evaluate-segmentation.js';
import { table } from '../report-text.js';
import { checkReportPlace, writeReport } from '../write-report.js';
import { FrameKeys } from './frame-keys.js';
import { type OutputRecord, readOutput } from './read-output.js';
import { FIGURE_NAMES, type ReportFigures, reportFigures, type Truth } from './report-figures.js';
import type { ReportFlags } from './report-flags.js';
import { type ReportedOutput, reportHtml } from './report-html.js';
import { judge } from './threshold.js';
import { chooseWorst, drawWorst } from './worst-frames.js';
import { checkHtmlPlace, writeHtml } from './write-html.js';

/** Farther truth does not count, metres. */
const CAP_METERS = 80;
/** Share of the picture from which on a class is listed. */
const LEAST_SHARE = 0.0005;

type Evaluated = ReportedOutput & { readonly errors: ReadonlyMap<string, number> };

/**
 * Writes the report of an output, as a page and as JSON.
 * @returns what to tell, and how many thresholds were missed
 * @throws MessageError, TrainingError
 */
export async function writeOutputReport(
  bag: string,
  flags: ReportFlags,
): Promise<{ readonly text: string; readonly missed: number }> {
  const { output: file, overwrite = false } = flags;
  const jsonFile = `${file.replace(/\.html?$/i, '')}.json`;
  await checkHtmlPlace(file, overwrite);
  const option = { field: '--output', shown: `${jsonFile}, which \`-o ${file}\` writes too,` };
  await checkReportPlace(jsonFile, overwrite, option);
  const reader = await openBag(bag);
  try {
    const output = await evaluated(bag, reader, flags);
    const against = flags.against === undefined ? undefined : await otherOutput(flags.against, flags);
    const worst = await drawWorst(reader, output.record, chooseWorst(output.record.frames, output.errors));
    const thresholds = judge([...(flags.atLeast ?? []), ...(flags.atMost ?? [])], output.figures);
    const classes = await classesOf(reader, output.record);
    const { truth } = flags;
    const page = { output, truth, thresholds, worst, classes, ...(against && { against }) };
    await writeHtml(file, reportHtml(page));
    const json = {
      output: bag,
      truth: truth ?? null,
      options: { capMeters: CAP_METERS, crop: flags.crop },
      model: output.model,
      figures: output.figures,
      ...(against && { against: { output: against.name, model: against.model, figures: against.figures } }),
      thresholds,
      classes,
      frames: output.record.frames.map(({ stampNs, key, ...frame }) => ({
        stampNs: String(stampNs),
        ...frame,
      })),
      notes: output.record.notes,
      problems: output.record.problems,
    };
    await writeReport(jsonFile, json, overwrite, option);
    const notes = [output, ...(against ? [against] : [])].flatMap(({ name, record }) =>
      record.notes.map((note) => `${name}: ${note}`),
    );
    const missed = thresholds.filter(({ met }) => !met);
    const lines = [
      table(rowsOf(output.figures, against?.figures)),
      ...notes,
      ...missed.map(
        ({ figure, kind, limit, value }) =>
          `missed: ${figure} is ${Number.isFinite(value) ? value : 'unknown'}, expected \`${kind} ${limit}\``,
      ),
      `${file}, ${jsonFile}`,
    ];
    return { text: lines.join('\n'), missed: missed.length };
  } finally {
    await reader.close();
  }
}

async function otherOutput(path: string, flags: ReportFlags): Promise<Evaluated> {
  const reader = await openBag(path);
  try {
    return await evaluated(path, reader, flags);
  } finally {
    await reader.close();
  }
}

async function evaluated(name: string, reader: BagReader, flags: ReportFlags): Promise<Evaluated> {
  const record = await readOutput(reader);
  const truth = flags.truth === undefined ? {} : await againstTruth(reader, record, flags.truth, flags);
  const last = record.statuses.at(-1);
  const model =
    last === undefined ? 'model unknown' : `${last.model_name}/${last.model_version} on ${last.provider}`;
  const keys = new FrameKeys();
  const errors = new Map(
    truth.depth?.images.map(({ name, absRel }) => [keys.next(BigInt(name)), absRel]) ?? [],
  );
  return { name, model, record, figures: reportFigures(record, truth), errors };
}

async function againstTruth(
  reader: BagReader,
  { topics }: OutputRecord,
  path: string,
  flags: ReportFlags,
): Promise<Truth> {
  const bag = await openBag(path);
  try {
    const truth = await findTruth(bag, flags);
    const options = { capMeters: CAP_METERS, crop: flags.crop, medianScaling: true };
    const depth = await evaluateDepth(reader, topics.depth, truth, options);
    const hasLabels = bag.topics.some(({ topic }) => topic === flags.truthLabels);
    const segmentation =
      topics.labels !== undefined && hasLabels
        ? await evaluateSegmentation(reader, topics.labels, bag, flags.truthLabels)
        : undefined;
    const miou = segmentation?.classSets[0]?.meanIou;
    return { depth, ...(miou !== undefined && { miou }) };
  } finally {
    await bag.close();
  }
}

/** Shares of the classes, largest first, by the names that the output gives them. */
async function classesOf(
  reader: BagReader,
  { labelCounts }: OutputRecord,
): Promise<{ readonly name: string; readonly share: number }[]> {
  const names = new Map<number, string>();
  const topics = reader.topics.filter(({ type }) => type === labelInfoCodec.type).map(({ topic }) => topic);
  if (topics.length > 0) {
    for await (const { cdr } of reader.messages({ topics })) {
      for (const { class_id, class_name } of labelInfoCodec.decode(cdr).class_map)
        names.set(class_id, class_name);
      break;
    }
  }
  const total = labelCounts.reduce((sum, count) => sum + count, 0);
  return [...labelCounts]
    .map((count, index) => ({
      name: names.get(index) ?? `class ${index}`,
      share: total > 0 ? count / total : 0,
    }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share);
}

function rowsOf(figures: ReportFigures, others: ReportFigures | undefined): string[][] {
  const shown = (value: number | undefined) =>
    value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toPrecision(4);
  const known = FIGURE_NAMES.filter(
    (name) => Number.isFinite(figures[name]) || Number.isFinite(others?.[name]),
  );
  return [
    ['figure', 'value', ...(others ? ['against'] : [])],
    ...known.map((name) => [name, shown(figures[name]), ...(others ? [shown(others[name])] : [])]),
  ];
}
