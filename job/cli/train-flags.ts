import type { Command } from 'commander'
import { parseWindow } from '../train/parse-window.ts'
import { type PresetName, presets, type TrainOptions } from '../train/train-options.ts'
import { number, oneOf, wholeNumber } from './command.ts'

/** What {@link withTrainOptions} adds to a command's options. */
export interface TrainingFlags extends Partial<Omit<TrainOptions, 'windowDays'>> {
  preset: PresetName
  /** In days. */
  window?: number
}

/** The options that shape what is trained. */
export function withTrainOptions(command: Command): Command {
  const usual = presets.default
  const count = (name: string) => wholeNumber(name, 1, 1_000_000)
  return command
    .option(
      '--preset <name>',
      'default, or paper: the settings of its section 5.2, which change the defaults below',
      oneOf('preset', ['default', 'paper']),
      'default',
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

/** The preset, with the flags that were given in its place. */
export function trainOptionsOf({ preset, window, ...flags }: TrainingFlags): TrainOptions {
  const options: TrainOptions = { ...presets[preset] }
  for (const name of Object.keys(options) as (keyof TrainOptions)[]) {
    const given = name === 'windowDays' ? window : flags[name]
    // Commander sets `refit` to true where --no-refit was not given.
    if (given !== undefined) Object.assign(options, { [name]: given })
  }
  return options
}
