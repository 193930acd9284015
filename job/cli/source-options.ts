import { type Command, Option } from 'commander'
import { type EventWeights, parseEventWeights } from '../data/import/event-weights.ts'
import type { ImportOptions } from '../data/import/import-options.ts'
import { parseRejectLimit, type RejectLimit } from '../data/import/reject-log.ts'
import { type SourceFormat, sourceFormats } from '../data/import/source.ts'
import { UsageError } from '../errors.ts'
import { number, oneOf } from './command.ts'

/** What {@link withSourceOptions} adds to a command's options. */
export interface SourceFlags {
  format?: SourceFormat
  userColumn?: string
  itemColumn?: string
  ratingColumn?: string
  timeColumn?: string
  eventColumn?: string
  events?: EventWeights
  header: boolean
  minRating?: number
  items?: string
  rejects?: string
  maxRejects: RejectLimit
}

/** The options that say how files of interactions are read. */
export function withSourceOptions(command: Command): Command {
  return command
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
    .option('--min-rating <rating>', 'drop lower ratings', number('--min-rating', -1e9, 1e9))
    .option('--items <file>', 'titles: item_id,title,category, or a MovieLens file of movies')
    .option('--rejects <file>', 'where bad rows are written (default: beside the dataset, with .rejects.csv)')
    .addOption(
      new Option('--max-rejects <limit>', 'bad rows a file may have: 1%, 0.01, or a count')
        .argParser(parseRejectLimit)
        .default({ share: 0.01 }, '1%'),
    )
}

/**
 * What the flags say of the sources.
 *
 * @throws UsageError where they contradict each other
 */
export function sourceOptionsOf(
  flags: SourceFlags,
): Pick<
  ImportOptions,
  'format' | 'columns' | 'hasHeader' | 'events' | 'minRating' | 'items' | 'rejects' | 'maxRejects'
> {
  if (flags.events !== undefined && flags.ratingColumn !== undefined) {
    throw new UsageError('--rating-column cannot go with --events: the events are the ratings')
  }
  if (flags.events === undefined && flags.eventColumn !== undefined) {
    throw new UsageError(
      '--event-column without --events',
      'say what each event weighs: --events buy=1,click=0.2',
    )
  }
  return {
    format: flags.format,
    columns: {
      ...(flags.userColumn === undefined ? {} : { user: flags.userColumn }),
      ...(flags.itemColumn === undefined ? {} : { item: flags.itemColumn }),
      ...(flags.ratingColumn === undefined ? {} : { rating: flags.ratingColumn }),
      ...(flags.timeColumn === undefined ? {} : { time: flags.timeColumn }),
      ...(flags.eventColumn === undefined ? {} : { event: flags.eventColumn }),
    },
    hasHeader: flags.header,
    events: flags.events,
    minRating: flags.minRating,
    items: flags.items,
    rejects: flags.rejects,
    maxRejects: flags.maxRejects,
  }
}
