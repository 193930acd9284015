import * as z from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import { UsageError } from '../errors.ts'
import { blendKind } from '../models/blend.ts'
import { jcaKind } from '../models/jca.ts'
import type { ModelKind } from '../models/model.ts'
import { modelKind, modelNames } from '../models/model-kinds.ts'
import { windowDaysMax } from './parse-window.ts'

const count = z.number().int().positive()

/** What shapes a training whatever the model is. */
const trainerOptions = z.object({
  /** Which model; its own options lie beside these. */
  model: z.string().default('jca'),
  /** The last epoch that may be run. */
  epochs: count,
  /** Held-out metrics are looked at every so many epochs. */
  evalEvery: count,
  /** Epochs without a better NDCG@10 after which the search ends; 0: never, and the last epoch is kept. */
  patience: z.number().int().nonnegative(),
  /** Share of each user's rows that is held out to choose the epoch; 0: none, and all epochs are run. */
  holdout: z.number().min(0).max(0.9),
  /** Train again on every row for as many epochs as the search found best. */
  refit: z.boolean(),
  checkpointEvery: count,
  /** Only rows of the last so many days, counted back from the newest one; null: of any age. */
  windowDays: z.number().positive().max(windowDaysMax).nullable().default(null),
  /** Only rows of at least this weight; null: of any weight. */
  minWeight: z.number().nullable().default(null),
  seed: z.number().int().nonnegative(),
})
type TrainerOptions = z.infer<typeof trainerOptions>

/** Every option that shapes what is trained, the model's own among them; all of them go into the run's manifest. */
export type TrainOptions = TrainerOptions & { [modelOption: string]: unknown }

/** Options, checked, with nothing left open. */
export interface SettledOptions {
  kind: ModelKind
  trainer: TrainerOptions
  /** Of the model alone. */
  model: object
}

/**
 * Checks options, and tells the training's from the model's.
 *
 * @throws UsageError where there is no such model, or an option is not the model's or out of range
 */
export function checkOptions(options: TrainOptions): SettledOptions {
  const trainer = trainerOptions.safeParse(options)
  if (!trainer.success) throw new UsageError(`training options: ${firstIssue(trainer.error)}`)
  const { model: name, epochs } = trainer.data
  const kind = modelKind(name)
  if (kind === undefined)
    throw new UsageError(`unknown model: ${name} (want one of ${modelNames.join(', ')})`)
  const own = Object.fromEntries(Object.entries(options).filter(([key]) => !(key in trainerOptions.shape)))
  const model = kind.options.safeParse(own)
  if (!model.success) {
    throw new UsageError(
      `options of ${name}: ${firstIssue(model.error)} (it has ${Object.keys(kind.defaults).join(', ') || 'none'})`,
    )
  }
  if (kind.oneEpoch && epochs !== 1) throw new UsageError(`${name} is fitted in one epoch, not in ${epochs}`)
  return { kind, trainer: trainer.data, model: model.data }
}

function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

/** Decides what the options leave to the data, all rows of it. */
export function settle(options: TrainOptions, ratings: CsrMatrix): SettledOptions {
  const checked = checkOptions(options)
  return { ...checked, model: checked.kind.settle?.(checked.model, ratings) ?? checked.model }
}

/** As they stand in a manifest. */
export function flatten({ trainer, model }: SettledOptions): TrainOptions {
  return { ...trainer, ...model }
}

const usual: Omit<TrainerOptions, 'model'> = {
  epochs: 200,
  evalEvery: 5,
  patience: 30,
  holdout: 0.1,
  refit: true,
  checkpointEvery: 10,
  windowDays: null,
  minWeight: null,
  seed: 1,
}

export const presetNames = ['best', 'paper'] as const
export type PresetName = (typeof presetNames)[number]

/**
 * A model's options before anybody changes them.
 *
 * @throws UsageError where the paper has no settings for it
 */
export function presetOptions(preset: PresetName, kind: ModelKind): TrainOptions {
  const habits = kind.oneEpoch ? { epochs: 1, evalEvery: 1, patience: 0 } : kind.training
  const options = { ...usual, ...habits, model: kind.name, ...kind.defaults }
  if (preset === 'best') return options
  if (kind.paper === undefined) {
    throw new UsageError(`--preset paper is of the paper's autoencoders, not of ${kind.name}`)
  }
  return { ...options, ...kind.paper.training, ...kind.paper.options }
}

/** The model of a preset, where none is named. */
export const presetModels: Record<PresetName, string> = { best: blendKind.name, paper: jcaKind.name }

/** Of JCA. */
export const defaultOptions = { ...presetOptions('best', jcaKind), ...jcaKind.defaults }
