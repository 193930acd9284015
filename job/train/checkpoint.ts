import * as z from 'zod'
import { type BlendFindings, blendFindings, type CurvePoint } from '../data/run-manifest.ts'
import { NightjarError } from '../errors.ts'
import type { FitState } from '../models/model.ts'
import type { Store } from '../store/store.ts'
import type { PartMemory } from './choose-blend.ts'
import { listParts, storedParts } from './part-checkpoints.ts'
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
  /** Options of the model, where the search has chosen them. */
  chosen?: object | undefined
  /** What a blend's search found beside them. */
  findings?: BlendFindings | undefined
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
  chosen: z.looseObject({}).optional(),
  findings: blendFindings.optional(),
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

  /** Whether there is something to go on from: a checkpoint, or parts of a blend that were found. */
  async exists(): Promise<boolean> {
    return (await this.#store.size(lastPath)) !== undefined || (await listParts(this.#store)).length > 0
  }

  /** Parts of a blend that a search has found. */
  parts(trainingDigest: string, extent: { users: number; items: number }): PartMemory {
    return storedParts(this.#store, trainingDigest, extent)
  }

  async save(state: FitState, progress: TrainingProgress): Promise<void> {
    await writeState(this.#store, lastPath, state, { progress: JSON.stringify(progress) })
  }

  /**
   * @param shapes of the weights, of a model with the options that the search has chosen, if it has
   * @returns undefined where a kill came before the first checkpoint
   */
  async load(
    shapes: (chosen: object | undefined) => Record<string, number[]>,
  ): Promise<{ state: FitState; progress: TrainingProgress } | undefined> {
    if ((await this.#store.size(lastPath)) === undefined) return undefined
    const read = { progress: undefined as TrainingProgress | undefined }
    const { state } = await readState(this.#store, lastPath, (metadata) => {
      read.progress = this.#parse(metadata.progress)
      return shapes(read.progress.chosen)
    })
    if (read.progress === undefined) throw new Error('a state was read without its metadata')
    return { state, progress: read.progress }
  }

  #parse(text: string | undefined): TrainingProgress {
    const parsed = progressSchema.safeParse(JSON.parse(text ?? 'null'))
    if (parsed.success) return parsed.data
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
    for (const key of await listParts(this.#store)) await this.#store.delete(key)
  }
}
