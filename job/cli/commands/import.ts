import { type Command, Option } from 'commander'
import { type EventWeights, parseEventWeights } from '../../data/import/event-weights.ts'
import { importDataset } from '../../data/import/import-dataset.ts'
import { describeImport } from '../../data/import/import-report.ts'
import { parseRejectLimit, type RejectLimit } from '../../data/import/reject-log.ts'
import { type SourceFormat, sourceFormats } from '../../data/import/source.ts'
import { UsageError } from '../../errors.ts'
import { openStore } from '../../store/open-store.ts'
import { action, command, number, oneOf, wholeNumber } from '../command.ts'

interface Options {
  out: string
  format?: SourceFormat
  userColumn?: string
  itemColumn?: string
  ratingColumn?: string
  timeColumn?: string
  eventColumn?: string
  events?: EventWeights
  header: boolean
  append?: boolean
  ifNew?: boolean
  minRating?: number
  minCount?: number
  items?: string
  rejects?: string
  maxRejects: RejectLimit
}

const example = `nightjar import ratings.csv --items titles.csv --out work/shop
nightjar import ml-1m/ --min-rating 4 --min-count 5 --out work/ml-1m
nightjar import work/feedback --events buy=1,click=0.2,view=0 --append --if-new --out work/shop   # every night`

export function importCommand(): Command {
  return command('import', 'read interactions into a dataset', example)
    .argument(
      '<source...>',
      'CSV, TSV, :: separated, JSON lines (each also .gz), Parquet, a MovieLens folder, or one of JSON lines',
    )
    .requiredOption('--out <folder>', 'where the dataset goes')
    .option(
      '--format <format>',
      `${sourceFormats.join(', ')}; by default the ending of the name tells`,
      oneOf('--format', sourceFormats),
    )
    .option('--user-column <column>', 'name of the user column (a number from 1 with --no-header)')
    .option('--item-column <column>', 'name of the item column')
    .option('--rating-column <column>', 'name of the rating column; none: there is none')
    .option('--time-column <column>', 'name of the time column; none: there is none')
    .option(
      '--events <weights>',
      'rows are events and each weighs so much: buy=1,click=0.2,view=0; 0 leaves it out',
      parseEventWeights,
    )
    .option('--event-column <column>', 'name of the event column, with --events')
    .option('--no-header', 'the first row is data: user, item, rating, time, or as the numbers say')
    .option('--append', 'add to the dataset that is there')
    .option('--if-new', 'skip files that the dataset has; with --append, make the dataset if there is none')
    .option('--min-rating <rating>', 'drop lower ratings', number('--min-rating', -1e9, 1e9))
    .option(
      '--min-count <n>',
      'drop users and items with fewer rows, until all have as many (not with --append)',
      wholeNumber('--min-count', 1, 1e9),
    )
    .option('--items <file>', 'titles: item_id,title,category, or a MovieLens file of movies')
    .option('--rejects <file>', 'where bad rows are written (default: OUT.rejects.csv, beside the folder)')
    .addOption(
      new Option('--max-rejects <limit>', 'bad rows a file may have: 1%, 0.01, or a count')
        .argParser(parseRejectLimit)
        .default({ share: 0.01 }, '1%'),
    )
    .action(
      action(async (context, sources: string[], options: Options) => {
        if (options.minCount !== undefined && options.append) {
          throw new UsageError(
            '--min-count cannot go with --append: it counts over all rows, and an append sees only its own',
            'import all sources again into a new folder, or leave --min-count out',
          )
        }
        if (options.events !== undefined && options.ratingColumn !== undefined) {
          throw new UsageError('--rating-column cannot go with --events: the events are the ratings')
        }
        if (options.events === undefined && options.eventColumn !== undefined) {
          throw new UsageError(
            '--event-column without --events',
            'say what each event weighs: --events buy=1,click=0.2',
          )
        }
        const report = await importDataset({
          sources,
          out: openStore(options.out),
          format: options.format,
          columns: {
            ...(options.userColumn === undefined ? {} : { user: options.userColumn }),
            ...(options.itemColumn === undefined ? {} : { item: options.itemColumn }),
            ...(options.ratingColumn === undefined ? {} : { rating: options.ratingColumn }),
            ...(options.timeColumn === undefined ? {} : { time: options.timeColumn }),
            ...(options.eventColumn === undefined ? {} : { event: options.eventColumn }),
          },
          hasHeader: options.header,
          append: options.append ?? false,
          ifNew: options.ifNew ?? false,
          events: options.events,
          minRating: options.minRating,
          minCount: options.minCount,
          items: options.items,
          rejects: options.rejects,
          maxRejects: options.maxRejects,
          clock: context.clock,
          progress: context.progress,
          signal: context.signal,
        })
        context.result(report, () => describeImport(report))
      }),
    )
}
