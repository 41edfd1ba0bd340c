import type { Manifest } from '../../models/manifest.js';
import { ModelRunner } from '../../models/model-runner.js';
import { resolveModel } from '../../models/resolve-model.js';
import { makePictureFolder } from '../../msgs/picture/make-picture-folder.js';
import { TrainingError } from '../errors.js';
import { confidenceText } from '../evaluation/confidence-text.js';
import { evaluateFrames, type FrameObserver, type Rival } from '../evaluation/evaluate-frames.js';
import { ErrorPanels } from '../evaluation/panels/error-panels.js';
import { LabelPanels } from '../evaluation/panels/label-panels.js';
import { MapPanels } from '../evaluation/panels/map-panels.js';
import { depthText, phantomText, segmentationText } from '../evaluation/report-text.js';
import { openSource } from '../evaluation/sources/open-source.js';
import { StructureMaps } from '../evaluation/structure-maps.js';
import { checkReportPlace, writeReport } from '../evaluation/write-report.js';
import { type DatasetFlags, panelEvery } from './evaluate-flags.js';

/** Runs a model over a data set and compares what it says with the truth. */
export async function evaluateModel(flags: DatasetFlags): Promise<string> {
  const { dataset, split, limit, pictures: folder } = flags;
  // Before an hour of evaluation.
  const overwrite = flags.overwrite ?? false;
  if (flags.json !== undefined) await checkReportPlace(flags.json, overwrite);
  if (folder !== undefined) await makePictureFolder(folder, overwrite);
  const source = await openSource(dataset, split === undefined ? {} : { split }, limit);
  const { medianScaling = source.medianScaling === false ? 'off' : 'on' } = flags;
  const isScaled = medianScaling === 'on';
  let runner: ModelRunner | undefined;
  let other: ModelRunner | undefined;
  let maps: StructureMaps | undefined;
  try {
    runner = await ModelRunner.open(await resolveModel(flags.model), undefined, flags.device);
    const { manifest } = runner;
    other = flags.against === undefined ? undefined : await openRival(flags.against, runner, flags.device);
    if (!isScaled && source.depthTruth !== undefined && manifest.depth.kind !== 'none')
      requireMetric(manifest);
    const options = {
      ...{ capMeters: flags.cap ?? source.capMeters ?? 80, crop: flags.crop ?? source.crop },
      medianScaling: isScaled,
    };
    if (folder !== undefined) maps = await StructureMaps.open(runner);
    const progress = progressLine(source.count);
    const observer = {
      onFrame: progress.frame,
      ...(folder === undefined ? {} : panelsTo(folder, panelEvery(flags), options, maps)),
    };
    const { depth, segmentation, phantoms, confidence } = await evaluateFrames(
      runner,
      source,
      options,
      observer,
      other && rivalOf(other),
    );
    progress.end();
    const model = `${manifest.name} ${manifest.version}`;
    const { problems = [] } = source;
    if (flags.json !== undefined) {
      const { title, missing } = source;
      const report = {
        ...{ model, folder: runner.folder, dataset: title, missing, problems, options },
        ...{ depth, segmentation, phantoms, confidence },
      };
      await writeReport(flags.json, report, overwrite);
    }
    return [
      `${model} (${runner.folder}) on ${source.title}`,
      ...source.missing.map((sentence) => `missing: ${sentence}`),
      ...problems.map(({ file, what, lost }) => `damaged: ${file}: ${what}; lost: ${lost}`),
      ...(depth === undefined ? [] : ['', depthText(depth, source.depthTruth ?? '', options)]),
      ...(confidence === undefined ? [] : ['', confidenceText(confidence)]),
      ...(segmentation === undefined ? [] : ['', segmentationText(segmentation)]),
      ...(phantoms === undefined ? [] : ['', phantomText(phantoms)]),
    ].join('\n');
  } finally {
    await maps?.close();
    await runner?.close();
    await other?.close();
    await source.close();
  }
}

/** @throws TrainingError when one of the two has no labels that could be compared. */
async function openRival(
  name: string,
  own: ModelRunner,
  device: DatasetFlags['device'],
): Promise<ModelRunner> {
  const rival = await ModelRunner.open(await resolveModel(name), undefined, device);
  const without = [own, rival].find(({ manifest }) => manifest.classes.length === 0);
  if (without === undefined) return rival;
  await rival.close();
  throw new TrainingError(
    `--against: ${without.folder} has no classes that could be compared; expected \`two models with labels\`.`,
    { field: '--against' },
  );
}

function rivalOf(model: ModelRunner): Rival {
  return { name: `${model.manifest.name} ${model.manifest.version} (${model.folder})`, model };
}

function requireMetric({ name, depth }: Manifest): void {
  if (depth.metric) return;
  throw new TrainingError(
    `${name} gives relative depth: without \`--median-scaling on\` its figures would mean nothing.`,
  );
}

function panelsTo(
  folder: string,
  every: number,
  options: { readonly capMeters: number; readonly medianScaling: boolean },
  maps: StructureMaps | undefined,
): FrameObserver {
  const errors = new ErrorPanels({ folder, every, ...options });
  const labels = new LabelPanels(folder, every);
  const inner = maps && new MapPanels(folder, every, maps);
  return {
    onDepth: async (image, picture) => {
      await errors.add(image, async () => picture);
      await inner?.add(image.name, picture);
    },
    onLabels: (image) => labels.add(image),
  };
}

const REPORT_MS = 5000;

/** A line on stderr every few seconds: `120 of 697 pictures, 6.1 a second`. */
function progressLine(total: number | undefined): { frame: (done: number) => void; end: () => void } {
  const began = performance.now();
  let last = Number.NEGATIVE_INFINITY; // the first picture is told at once
  let written = false;
  const of = total === undefined ? '' : ` of ${total}`;
  return {
    frame(done) {
      const now = performance.now();
      if (now - last < REPORT_MS) return;
      last = now;
      written = true;
      const rate = (1000 * done) / (now - began);
      const left = total === undefined ? '' : `, ${Math.ceil((total - done) / rate)} s left`;
      process.stderr.write(
        `${process.stderr.isTTY ? '\r' : ''}${done}${of} pictures, ${rate.toFixed(1)} a second${left}${process.stderr.isTTY ? '\x1b[K' : '\n'}`,
      );
    },
    end() {
      if (written && process.stderr.isTTY) process.stderr.write('\n');
    },
  };
}
