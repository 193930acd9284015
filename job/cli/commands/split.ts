import type { Command } from 'commander'
import { openDataset } from '../../data/dataset.ts'
import { describeSplit, splitDataset } from '../../data/split/split-dataset.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command, number, oneOf, wholeNumber } from '../command.ts'

interface Options {
  out: string
  by: 'random' | 'time'
  test: number
  validation: number
  seed: number
}

const example = `nightjar split work/ml-1m --out work/ml-1m-split --seed 1
nightjar import work/ml-1m-split/train.csv --out work/ml-1m-train`

export function splitCommand(): Command {
  return command('split', 'divide a dataset into train.csv, validation.csv and test.csv, per user', example)
    .argument('<dataset>', 'folder of a dataset')
    .requiredOption('--out <folder>', 'where the files go')
    .option(
      '--by <rule>',
      "random, or time: each user's newest rows are held out",
      oneOf('--by', ['random', 'time']),
      'random',
    )
    .option('--test <share>', "share of a user's items that go to test.csv", number('--test', 0, 0.9), 0.2)
    .option(
      '--validation <share>',
      'share of the rest that goes to validation.csv (and stays in train.csv)',
      number('--validation', 0, 0.9),
      0.1,
    )
    .option('--seed <n>', 'another seed, another random split', wholeNumber('--seed', 0, 2 ** 32 - 1), 0)
    .action(
      action(async (context, uri: string, options: Options) => {
        const report = await splitDataset({
          dataset: await openDataset(openStore(uri)),
          out: openStore(options.out),
          by: options.by,
          test: options.test,
          validation: options.validation,
          seed: options.seed,
          progress: context.progress,
          signal: context.signal,
        })
        context.result(report, () => describeSplit(report))
      }),
    )
}
