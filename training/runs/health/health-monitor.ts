import type { Tensors } from '../../optimizers/tensors.js';
import type { Parameters } from '../../weights/parameters.js';
import type { StepReport } from '../trainer.js';
import type { HealthOptions } from './health-options.js';
import { UpdateHealth } from './update-health.js';
import { VarietyHealth } from './variety-health.js';

/**
 * Tells when a training diverges or its adversaries collapse. Two answers: `observe` says when to give up, `suspicion`
 * already before that when the weights should not replace those of an earlier checkpoint.
 */
export class HealthMonitor {
  readonly #options: HealthOptions | undefined;
  readonly #updates = new Map<string, UpdateHealth>();
  readonly #varieties: ReadonlyMap<string, VarietyHealth>;

  /** @param options undefined: nothing but the weights themselves is watched. */
  constructor(options: HealthOptions | undefined) {
    this.#options = options;
    const names = options?.varieties ?? [];
    this.#varieties = new Map(names.map((name) => [name, new VarietyHealth(name)]));
  }

  /** Sees a step. @returns why the training should stop, if it should. */
  observe({ updates, metrics }: Pick<StepReport, 'updates' | 'metrics'>): string | undefined {
    if (this.#options === undefined) return undefined;
    const reasons = Object.entries(updates).map(([name, report]) => this.#of(name).observe(report));
    for (const [name, variety] of this.#varieties) reasons.push(variety.observe(metrics[name]));
    return reasons.find((reason) => reason !== undefined);
  }

  /** Why these weights should not replace an earlier checkpoint; undefined where nothing speaks against them. */
  suspicion(parameters: Parameters): string | undefined {
    for (const part of [...this.#updates.values(), ...this.#varieties.values()]) {
      const { suspicion } = part;
      if (suspicion !== undefined) return suspicion;
    }
    for (const [name, { values }] of parameters) {
      // NaN * 0 and Infinity * 0 are NaN.
      let probe = 0;
      for (let i = 0; i < values.length; i++) probe += (values[i] ?? 0) * 0;
      if (probe !== 0) return `the weights \`${name}\` are not finite`;
    }
    return undefined;
  }

  /** Forgets what it saw: losses of another phase are others. */
  reset(): void {
    this.#updates.clear();
    for (const { state } of this.#varieties.values()) state.fill(0);
  }

  save(): Tensors {
    return Object.fromEntries([
      ...[...this.#updates].map(([name, { state }]) => [`update:${name}`, state.slice()] as const),
      ...[...this.#varieties].map(([name, { state }]) => [`variety:${name}`, state.slice()] as const),
    ]);
  }

  restore(saved: Tensors): void {
    for (const [key, values] of Object.entries(saved)) {
      const name = key.slice(key.indexOf(':') + 1);
      const part = key.startsWith('update:') ? this.#of(name) : this.#varieties.get(name);
      part?.state.set(values);
    }
  }

  #of(name: string): UpdateHealth {
    const known = this.#updates.get(name);
    if (known !== undefined) return known;
    const fresh = new UpdateHealth(name, this.#options?.discriminators?.[name]);
    this.#updates.set(name, fresh);
    return fresh;
  }
}
