import { z } from 'zod'
import type { CurvePoint } from '../data/run-manifest.ts'
import { NightjarError } from '../errors.ts'
import type { FitState } from '../models/model.ts'
import type { Store } from '../store/store.ts'
import { readState, writeState } from './state-file.ts'

const lastPath = 'checkpoints/last.safetensors'
const bestPath = 'checkpoints/best.safetensors'

/** Where training stands, beside the weights: everything that is needed to go on to the same bits. */
export interface TrainingProgress {
  phase: 'search' | 'refit'
  /** Epochs of this phase that are behind. */
  epoch: number
  /** Best held-out NDCG@10 so far, and its epoch; 0 before the first look. */
  bestNdcg10: number
  bestEpoch: number
  curve: CurvePoint[]
  /** sha256 of options, dataset and held-out rows: a checkpoint is only for the same training. */
  trainingDigest: string
  startedAt: string
}

const progressSchema = z.object({
  phase: z.enum(['search', 'refit']),
  epoch: z.number(),
  bestNdcg10: z.number(),
  bestEpoch: z.number(),
  curve: z.array(z.custom<CurvePoint>()),
  trainingDigest: z.string(),
  startedAt: z.string(),
})

/** The checkpoints of one run: one file each, so that a kill leaves the old one or the new one, whole. */
export class Checkpoints {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  get hint(): string {
    return `the same command with --resume goes on from ${this.#store.uri}/${lastPath}`
  }

  async exists(): Promise<boolean> {
    return (await this.#store.size(lastPath)) !== undefined
  }

  async save(state: FitState, progress: TrainingProgress): Promise<void> {
    await writeState(this.#store, lastPath, state, { progress: JSON.stringify(progress) })
  }

  /** @param shapes of the weights */
  async load(shapes: Record<string, number[]>): Promise<{ state: FitState; progress: TrainingProgress }> {
    const { state, metadata } = await readState(this.#store, lastPath, shapes)
    const parsed = progressSchema.safeParse(JSON.parse(metadata.progress ?? 'null'))
    if (parsed.success) return { state, progress: parsed.data }
    throw new NightjarError('CHECKPOINT', {
      what: `${this.#store.uri}/${lastPath} does not say where training stood`,
      why: 'it was written by another program, or another version of nightjar',
      fix: 'train anew with --overwrite',
    })
  }

  /** The best weights of a search that will not be refitted. */
  async saveBest(state: FitState): Promise<void> {
    await writeState(this.#store, bestPath, { ...state, memory: {} }, {})
  }

  async loadBest(shapes: Record<string, number[]>): Promise<FitState> {
    return (await readState(this.#store, bestPath, shapes)).state
  }

  /** Checkpoints are for going on; a finished run needs none. */
  async clear(): Promise<void> {
    await this.#store.delete(lastPath)
    await this.#store.delete(bestPath)
  }
}
