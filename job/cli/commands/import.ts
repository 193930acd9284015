import type { Command } from 'commander'
import { importDataset } from '../../data/import/import-dataset.ts'
import { describeImport } from '../../data/import/import-report.ts'
import { UsageError } from '../../errors.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command, wholeNumber } from '../command.ts'
import { type SourceFlags, sourceOptionsOf, withSourceOptions } from '../source-options.ts'

interface ImportFlags extends SourceFlags {
  out: string
  append?: boolean
  ifNew?: boolean
  minCount?: number
}

const example = `nightjar import ratings.csv --items titles.csv --out work/shop
nightjar import ml-1m/ --min-rating 4 --min-count 5 --out work/ml-1m
nightjar import work/feedback --append --if-new --out work/shop \\
  --events buy=1,click=0.2,view=0   # every night`

export function importCommand(): Command {
  return withSourceOptions(
    command('import', 'read interactions into a dataset', example)
      .argument(
        '<source...>',
        'CSV, TSV, :: separated, JSON lines (each also .gz), Parquet, a MovieLens folder, or one of JSON lines',
      )
      .requiredOption('--out <folder>', 'where the dataset goes')
      .option('--append', 'add to the dataset that is there')
      .option('--if-new', 'skip files that the dataset has; with --append, make the dataset if there is none')
      .option(
        '--min-count <n>',
        'drop users and items with fewer rows, until all have as many (not with --append)',
        wholeNumber('--min-count', 1, 1e9),
      ),
  ).action(
    action(async (context, sources: string[], flags: ImportFlags) => {
      if (flags.minCount !== undefined && flags.append) {
        throw new UsageError(
          '--min-count cannot go with --append: it counts over all rows, and an append sees only its own',
          'import all sources again into a new folder, or leave --min-count out',
        )
      }
      const report = await importDataset({
        sources,
        out: openStore(flags.out),
        ...sourceOptionsOf(flags),
        append: flags.append ?? false,
        ifNew: flags.ifNew ?? false,
        minCount: flags.minCount,
        clock: context.clock,
        progress: context.progress,
        signal: context.signal,
      })
      context.result(report, () => describeImport(report))
    }),
  )
}
