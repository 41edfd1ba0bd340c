import { CITYSCAPES_CLASSES, ROAD } from '../../models/class-table.js';
import { DRAWN_ROAD, IGNORED, PERSON, VEHICLE } from './drawn-frame.js';

const DYNAMIC = CITYSCAPES_CLASSES.map((entry) => entry.dynamic);
const PEOPLE = CITYSCAPES_CLASSES.map(({ name }) => name === 'person' || name === 'rider');

export interface LabelScore {
  /** Of pixels with a dynamic class, the share that is drawn as a vehicle or person; weighs pictures alike. */
  readonly precision: number;
  /** Of pixels drawn as a vehicle or person, the share that has a dynamic class. */
  readonly recall: number;
  /** The means of single pictures' precision and recall. */
  readonly pictures: { readonly precision: number; readonly recall: number };
  /** Share of drawn road that has a dynamic class, and that is called road. */
  readonly roadDynamic: number;
  readonly roadRecall: number;
  /** Shares of the pictures: called person or rider, and that where neither vehicle nor person is drawn. */
  readonly people: number;
  readonly falsePeople: number;
  /** Of pixels drawn as a person, the share that is called person or rider; NaN where nobody is. */
  readonly peopleRecall: number;
}

interface Counts {
  found: number;
  invented: number;
  missed: number;
  road: number;
  roadDynamic: number;
  roadFound: number;
  people: number;
  falsePeople: number;
  drawnPeople: number;
  foundPeople: number;
}

/** Compares labels with what was drawn, picture by picture. */
export class LabelTally {
  readonly #pictures: Counts[] = [];

  /** @param labels trainIds, and @param drawn as `drawnMask` gives it, both [H, W]. */
  add(labels: Uint8Array, drawn: Uint8Array): void {
    const counts: Counts = {
      ...{ found: 0, invented: 0, missed: 0, road: 0, roadDynamic: 0, roadFound: 0 },
      ...{ people: 0, falsePeople: 0, drawnPeople: 0, foundPeople: 0 },
    };
    for (const [i, label] of labels.entries()) {
      const kind = drawn[i];
      if (kind === IGNORED) continue;
      const dynamic = DYNAMIC[label] === true;
      const thing = kind === VEHICLE || kind === PERSON;
      if (dynamic && thing) counts.found++;
      if (dynamic && !thing) counts.invented++;
      if (!dynamic && thing) counts.missed++;
      if (kind === DRAWN_ROAD) {
        counts.road++;
        if (dynamic) counts.roadDynamic++;
        if (label === ROAD) counts.roadFound++;
      }
      if (kind === PERSON) {
        counts.drawnPeople++;
        if (PEOPLE[label] === true) counts.foundPeople++;
      }
      if (PEOPLE[label] === true) {
        counts.people++;
        if (!thing) counts.falsePeople++;
      }
    }
    // Shares of the picture, so that a large one does not weigh more.
    this.#pictures.push(scaled(counts, 1 / labels.length));
  }

  score(): LabelScore {
    const sum = (key: keyof Counts) => this.#pictures.reduce((total, counts) => total + counts[key], 0);
    const mean = (of: (counts: Counts) => number) => {
      const values = this.#pictures.map(of).filter(Number.isFinite);
      return values.reduce((total, value) => total + value, 0) / values.length;
    };
    return {
      precision: sum('found') / (sum('found') + sum('invented')),
      recall: sum('found') / (sum('found') + sum('missed')),
      pictures: {
        precision: mean(({ found, invented }) => found / (found + invented)),
        recall: mean(({ found, missed }) => found / (found + missed)),
      },
      roadDynamic: sum('roadDynamic') / sum('road'),
      roadRecall: sum('roadFound') / sum('road'),
      people: sum('people') / this.#pictures.length,
      falsePeople: sum('falsePeople') / this.#pictures.length,
      peopleRecall: sum('foundPeople') / sum('drawnPeople'),
    };
  }
}

function scaled(counts: Counts, factor: number): Counts {
  const pairs = Object.entries(counts).map(([key, value]: [string, number]) => [key, value * factor]);
  return Object.fromEntries(pairs) as unknown as Counts; // the same keys
}
