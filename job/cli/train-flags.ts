import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { readJsonFile } from '../data/json-file.ts'
import { UsageError } from '../errors.ts'
import { blendKind } from '../models/blend.ts'
import type { ModelKind } from '../models/model.ts'
import { modelKind, modelKinds, modelNames } from '../models/model-kinds.ts'
import { openStore } from '../store/open-store.ts'
import { parseWindow } from '../train/parse-window.ts'
import {
  checkOptions,
  defaultOptions,
  type PresetName,
  presetModels,
  presetNames,
  presetOptions,
  type TrainOptions,
} from '../train/train-options.ts'
import { collecting } from './collecting.ts'
import { number, oneOf, wholeNumber } from './command.ts'

/** What {@link withTrainOptions} adds to a command's options. */
export interface TrainingFlags {
  model?: string
  preset: PresetName
  tuned?: string
  /** `name=value`, of the model. */
  option: Record<string, unknown>
  /** In days. */
  window?: number
  /** The other flags, by the names of the options that they set. */
  [option: string]: unknown
}

/** The options that shape what is trained. */
export function withTrainOptions(command: Command): Command {
  const usual = defaultOptions
  const count = (name: string) => wholeNumber(name, 1, 1_000_000)
  return command
    .option(
      '--model <name>',
      'which model, see `nightjar models` (default: blend)',
      oneOf('model', modelNames),
    )
    .option(
      '--preset <name>',
      'best: the best lists, by a blend that chooses on held-out rows what is best for the data; paper: JCA with the settings of its section 5.2',
      oneOf('preset', presetNames),
      'best',
    )
    .option(
      '--tuned <file>',
      'model, options and epochs that a search found: trained as they are, with nothing held out',
    )
    .option(
      '--option <name=value>',
      'an option of the model, see `nightjar models`; may be given again',
      parseOption,
      {},
    )
    .option('--epochs <n>', `the last epoch that may be run (default: ${usual.epochs})`, count('epochs'))
    .option(
      '--seed <n>',
      `seed of everything random (default: ${usual.seed})`,
      wholeNumber('seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--holdout <share>',
      `share of each user's rows that is drawn to choose the epoch on (default: ${usual.holdout})`,
      number('holdout', 0, 0.9),
    )
    .option('--no-refit', 'keep the weights of the search; held-out rows are not trained on')
    .option(
      '--patience <epochs>',
      `epochs without a better NDCG@10 that end the search; 0: never, and the last one is kept (default: ${usual.patience})`,
      wholeNumber('patience', 0, 1_000_000),
    )
    .option(
      '--eval-every <epochs>',
      `epochs between two looks at the held-out rows (default: ${usual.evalEvery})`,
      count('eval-every'),
    )
    .option(
      '--learning-rate <x>',
      `step size of Adam (default: ${usual.learningRate})`,
      number('learning-rate', 1e-9, 10),
    )
    .option('--l2 <x>', 'strength of the L2 term (default: by the pairs of a block)', number('l2', 0, 1e6))
    .option(
      '--loss <name>',
      `what a pair of cells costs: hinge, mse or bpr (default: ${usual.loss})`,
      oneOf('loss', ['hinge', 'mse', 'bpr']),
    )
    .option('--no-item-factor', 'without a learned factor for each item')
    .option(
      '--margin <x>',
      `required lead of observed over unobserved cells (default: ${usual.margin})`,
      number('margin', 1e-9, 1),
    )
    .option(
      '--hidden <n>',
      `hidden units of each component (default: ${usual.hidden})`,
      wholeNumber('hidden', 1, 4096),
    )
    .option('--batch-users <n>', `users of a mini-batch (default: ${usual.batchUsers})`, count('batch-users'))
    .option('--batch-items <n>', `items of a mini-batch (default: ${usual.batchItems})`, count('batch-items'))
    .option(
      '--checkpoint-every <epochs>',
      `epochs between two checkpoints (default: ${usual.checkpointEvery})`,
      count('checkpoint-every'),
    )
    .option(
      '--window <span>',
      'train on rows of the last 90d, 26w or 2y, counted back from the newest one',
      parseWindow,
    )
    .option('--min-weight <x>', 'train on rows of at least this weight', number('min-weight', -1e9, 1e9))
}

/** Parses one `name=value` of an option that may be given again. */
export const parseOption = collecting((text, before: Record<string, unknown> = {}) => {
  const [, name, value] = /^([a-zA-Z0-9]+)=(.+)$/.exec(text) ?? []
  if (name === undefined)
    throw new UsageError(`invalid option: ${text} (want name=value, such as factors=256)`)
  return { ...before, [name]: parseValue(value) }
})

/** A number, true, false or null; anything else is text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What a search found: a file of `configs/`. */
const tunedFile = z.strictObject({
  model: z.string(),
  options: z.record(z.string(), z.unknown()),
  epochs: z.number().int().positive(),
  /** What `reproduce` compares a blend with. */
  ablations: z.unknown().optional(),
})

/**
 * The preset, changed by the file of `--tuned`, changed by the flags that were given.
 *
 * @throws UsageError for a flag that is not the model's
 */
export async function trainOptionsOf(flags: TrainingFlags): Promise<TrainOptions> {
  const found = flags.tuned === undefined ? undefined : await readTuned(flags.tuned)
  const kind = kindNamed(flags.model ?? found?.model ?? presetModels[flags.preset])
  if (found !== undefined && found.model !== kind.name) {
    throw new UsageError(`${flags.tuned} is of the model ${found.model}, --model says ${kind.name}`)
  }
  const options: TrainOptions = {
    ...presetOptions(flags.preset, kind),
    ...(found && { epochs: found.epochs, patience: 0, holdout: 0, ...found.options }),
  }
  // Names of this kind's own options, and those of the training.
  const known = new Set([...Object.keys(options), ...Object.keys(kind.defaults)])
  for (const [flag, name] of flagsOfOptions) {
    const given = flags[flag]
    // Commander sets what --no-... takes away to true where it was not given.
    if (given === undefined || (given === true && !known.has(name))) continue
    if (!known.has(name)) throw otherModels(flag, kind)
    options[name] = given === true ? options[name] : given
  }
  if (kind.name === blendKind.name && (flags.patience !== undefined || flags.evalEvery !== undefined)) {
    throw new UsageError(
      '--patience and --eval-every are not of blend: each of its parts is searched as its own model is',
    )
  }
  Object.assign(options, flags.option)
  checkOptions(options)
  return options
}

/** Flags, as commander names them, and the options that they set. */
const flagsOfOptions: readonly (readonly [string, string])[] = [
  ...['epochs', 'seed', 'holdout', 'refit', 'patience', 'evalEvery', 'checkpointEvery', 'minWeight'],
  ...['learningRate', 'l2', 'loss', 'itemFactor', 'margin', 'hidden', 'batchUsers', 'batchItems'],
]
  .map((name) => [name, name] as const)
  .concat([['window', 'windowDays']])

async function readTuned(place: string) {
  const store = openStore(dirname(place))
  return readJsonFile(store, basename(place), tunedFile, 'TUNED_FILE')
}

/** @throws UsageError where there is no such model */
export function kindNamed(name: string): ModelKind {
  const kind = modelKind(name)
  if (kind === undefined)
    throw new UsageError(`unknown model: ${name} (want one of ${modelNames.join(', ')})`)
  return kind
}

function otherModels(flag: string, kind: ModelKind): UsageError {
  const dashed = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const own = Object.keys(kind.defaults).join(', ') || 'none'
  const others = modelKinds.filter(({ defaults }) => flag in defaults).map(({ name }) => name)
  const whose = others.length === 0 ? '' : `; --${dashed} is one of ${others.join(', ')}`
  return new UsageError(
    `--${dashed} is no option of ${kind.name} (it has ${own}; set by --option name=value${whose})`,
  )
}
