import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Manifest } from '../../models/manifest.js';
import { GRAPH_FILE, type LoadedModel } from '../../models/model-store.js';
import type { InferenceSession } from '../../models/onnxruntime.js';
import { openSession } from '../../models/open-session.js';
import { type Perceived, perceive, pictureFeeds } from '../../models/perceive.js';
import { TrainingError } from '../errors.js';
import { type OnnxFile, readOnnxFile } from '../onnx/onnx-file.js';
import { graphMetadata } from '../perception-graph/perception-contract.js';
import { type ModelPlace, writeModel } from '../perception-graph/write-model.js';
import { calibrate } from './calibrate.js';
import type { CalibrationPicture } from './calibration-pictures.js';
import { type EditableGraph, encodeGraph } from './editable-graph.js';
import { flattenBranches } from './flatten-branches.js';
import { foldedGraph } from './folded-graph.js';
import { type OutputChange, outputChange } from './output-change.js';
import { planQuantization, type QuantizationPlan, valuesOf } from './quantization-plan.js';
import { quantizeGraph } from './quantize-graph.js';
import { chooseFloatLayers } from './sensitive-layers.js';
import { type ByteScale, chooseRange, type RangeMethod } from './value-range.js';

export interface QuantizeOptions {
  readonly place: ModelPlace;
  readonly pictures: readonly CalibrationPicture[];
  /** Where the pictures are from, for the manifest. */
  readonly calibration: string;
  readonly ranges: RangeMethod;
  /** Total change of the outputs to come below (`totalChange`). */
  readonly goal: number;
  /** Share of the convolutions that may stay in float. */
  readonly mostFloat: number;
  /** Convolutions that stay in float, as a model of the same network has them: where all are there, none are looked for. */
  readonly float?: readonly string[];
  /** What does the same again, for the manifest. */
  readonly command?: string;
  readonly threads: number;
  report(line: string): void;
}

/** Pictures that the search for sensitive layers looks at; it runs the network once a picture and convolution. */
const SEARCH_PICTURES = 6;

/**
 * Writes a copy of a model whose convolutions compute in 8 bits. Weights for further training stay as they are.
 * @throws TrainingError for a model that is 8-bit already, or has no convolution with constant weights.
 */
export async function quantizeModel(model: LoadedModel, options: QuantizeOptions): Promise<Manifest> {
  requireFloat(model);
  const file = await readOnnxFile(model.graphPath);
  const work = await mkdtemp(path.join(tmpdir(), 'rxdepth-quantize-'));
  try {
    return await new Quantizer(model, file, options, work).run();
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws TrainingError for a model that is 8-bit already. */
export function requireFloat({ folder, manifest }: LoadedModel): void {
  if (manifest.quantization === undefined) return;
  throw new TrainingError(
    `${folder} computes in 8 bits already. \`rxdepth model resize\` with \`--pixels ${manifest.input.pixels}\` makes its float form, which can be quantized.`,
    { file: folder },
  );
}

class Quantizer {
  readonly #model: LoadedModel;
  readonly #file: OnnxFile;
  readonly #options: QuantizeOptions;
  readonly #work: string;
  #sessions = 0;

  constructor(model: LoadedModel, file: OnnxFile, options: QuantizeOptions, work: string) {
    this.#model = model;
    this.#file = file;
    this.#options = options;
    this.#work = work;
  }

  async run(): Promise<Manifest> {
    const { pictures, ranges, report, goal, mostFloat } = this.#options;
    const folded = foldedGraph(this.#file);
    const plan = planQuantization(folded);
    if (plan.convolutions.length === 0)
      throw new TrainingError(
        `${this.#model.folder} has no convolution with constant weights: nothing to quantize.`,
        { file: this.#model.folder },
      );
    report(`calibrating on ${pictures.length} pictures`);
    const { scales, inputMeans } = await this.#calibrate(folded, plan, ranges);
    const searched = evenly(pictures, SEARCH_PICTURES);
    const references = await this.#answers(folded, searched);
    const measure = async (float: ReadonlySet<string>): Promise<OutputChange> => {
      const graph = foldedGraph(this.#file);
      quantizeGraph(graph, { plan, scales, inputMeans, float });
      return outputChange(await this.#answers(graph, searched), references);
    };
    const ids = plan.convolutions.map(({ id }) => id);
    const given = this.#options.float;
    const chosen =
      given?.every((id) => ids.includes(id)) === true
        ? { float: given }
        : await chooseFloatLayers({
            convolutions: ids,
            measure,
            goal,
            most: Math.floor(plan.convolutions.length * mostFloat),
            report: (done, of) => {
              if (done % 5 === 0 || done === of)
                report(`looking for layers that rounding hurts: ${done} of ${of}`);
            },
          });
    const graph = foldedGraph(this.#file);
    quantizeGraph(graph, { plan, scales, inputMeans, float: new Set(chosen.float) });
    const change = outputChange(await this.#answers(graph, pictures), await this.#answers(folded, pictures));
    report(
      `${plan.convolutions.length - chosen.float.length} of ${plan.convolutions.length} convolutions in 8 bits; depth changes by ` +
        `${(100 * change.depth).toFixed(2)} %` +
        (change.labels === undefined
          ? ''
          : `, the class of ${(100 * change.labels).toFixed(2)} % of the pixels`),
    );
    return await this.#write(graph, plan, chosen.float, change);
  }

  async #calibrate(folded: EditableGraph, plan: QuantizationPlan, ranges: RangeMethod) {
    const values = valuesOf(plan);
    const inner = flattenBranches(folded, values);
    const session = await this.#open(inner);
    try {
      const { pictures } = this.#options;
      const { classes, confidence } = this.#model.manifest;
      const wants = { labels: classes.length > 0, confidence: confidence !== undefined };
      const feeds = async function* () {
        for (const { picture, intrinsics } of pictures) yield pictureFeeds(picture, intrinsics, wants);
      };
      const { seen, inputMeans } = await calibrate(session, values, plan.convolutions, feeds);
      const scales = new Map<string, ByteScale>();
      for (const [name, range] of seen) scales.set(name, chooseRange(range, ranges));
      return { scales, inputMeans };
    } finally {
      await session.release();
    }
  }

  async #answers(graph: EditableGraph, pictures: readonly CalibrationPicture[]): Promise<Perceived[]> {
    const session = await this.#open(graph);
    const labels = this.#model.manifest.classes.length > 0;
    try {
      const answers: Perceived[] = [];
      for (const { picture, intrinsics } of pictures)
        answers.push(await perceive(session, picture, intrinsics, { labels }));
      return answers;
    } finally {
      await session.release();
    }
  }

  async #open(graph: EditableGraph): Promise<InferenceSession> {
    const file = path.join(this.#work, `${this.#sessions++}.onnx`);
    await writeFile(file, encodeGraph(graph, this.#file.model.opsets, {}));
    try {
      return (await openSession(file, 'cpu', this.#options.threads)).session;
    } finally {
      await rm(file);
    }
  }

  async #write(
    graph: EditableGraph,
    { convolutions }: QuantizationPlan,
    float: readonly string[],
    change: OutputChange,
  ): Promise<Manifest> {
    const { manifest, folder } = this.#model;
    const { ranges, pictures, calibration, command } = this.#options;
    const { files, ...description } = manifest;
    const kept: Record<string, Uint8Array> = {};
    for (const name of Object.keys(files)) {
      if (name !== GRAPH_FILE && name !== 'judge.json') kept[name] = await readFile(path.join(folder, name));
    }
    const quantized = {
      ...description,
      quantization: {
        format: 'int8' as const,
        ranges: ranges.kind === 'mse' ? 'mse' : `percentile ${ranges.percent}`,
        pictures: pictures.length,
        calibration,
        ...(command === undefined ? {} : { command }),
        convolutions: convolutions.length,
        float: [...float],
        depthChange: change.depth,
        ...(change.labels === undefined ? {} : { labelChange: change.labels }),
      },
    };
    const bytes = encodeGraph(graph, this.#file.model.opsets, graphMetadata({ ...manifest, ...quantized }));
    return await writeModel(this.#options.place, quantized, { [GRAPH_FILE]: bytes, ...kept });
  }
}

function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]); // within
}
