import { NightjarError, UsageError } from '../../errors.ts'
import type { Dataset } from '../dataset.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import type { ImportOptions } from './import-options.ts'
import type { LocalCopies } from './local-copies.ts'
import { megabytes } from './megabytes.ts'
import { type PlannedSource, planSource } from './plan-source.ts'
import { type OpenedSource, openSources, openTitles, type Source } from './source.ts'
import { digestOf, digestOfSameRows } from './source-digest.ts'
import { surveySource } from './survey.ts'

/** What an import will read, settled before the first row. */
export interface ImportPlan {
  sources: (PlannedSource & { digest: string })[]
  titles: Source[]
  /** Labels of sources that the dataset has already. */
  skipped: string[]
  /** Which optional columns the sources have. */
  hasWeight: boolean
  hasTime: boolean
}

/** A source that need not be read again. */
interface KnownSource {
  name: string
  /** Undefined: it is another file of this import. */
  importedAt?: string
}

/**
 * Opens the sources, reads each once for its digest and its columns, and checks that they fit together and
 * into the dataset.
 *
 * @param dataset the one that is appended to, if there is one
 * @param copies where sources of a bucket are brought to
 * @throws NightjarError SOURCE_KNOWN, COLUMNS_DIFFER, and whatever is wrong with a file as a whole
 */
export async function planImport(
  session: DuckDbSession,
  options: ImportOptions,
  dataset: Dataset | undefined,
  copies: LocalCopies,
): Promise<ImportPlan> {
  const opened: OpenedSource[] = []
  for (const uri of options.sources) {
    for (const { interactions, titles } of await openSources(uri, options.format)) {
      opened.push({
        interactions: await copies.of(interactions, options.signal),
        ...(titles === undefined ? {} : { titles: await copies.of(titles, options.signal) }),
      })
    }
  }
  const titles =
    options.items === undefined
      ? opened.flatMap((source) => source.titles ?? [])
      : [await copies.of(await openTitles(options.items), options.signal)]

  const plan: ImportPlan = { sources: [], titles, skipped: [], hasWeight: false, hasTime: false }
  const known = new Map<string, KnownSource>(
    dataset?.manifest.sources.map((source) => [source.digest, source]),
  )
  const progress = megabytes(
    options.progress,
    'check',
    opened.map((source) => source.interactions),
  )
  for (const { interactions } of opened) {
    const survey = await surveySource(interactions, options.signal, progress.add)
    const planned = await planSource(
      session,
      interactions,
      survey,
      options.columns,
      options.hasHeader,
      options.events,
    )
    const digest = digestOf(planned)
    const other = known.has(digest) ? undefined : digestOfSameRows(planned, known)
    const earlier = known.get(other ?? digest)
    if (earlier === undefined) {
      known.set(digest, { name: interactions.label })
      plan.sources.push({ ...planned, digest })
    } else if (options.ifNew) {
      plan.skipped.push(interactions.label)
      if (other !== undefined) {
        options.progress.note(`${interactions.label} is there already, ${readOtherwise}: skipped`)
      }
    } else {
      throw sourceKnown(interactions, options, earlier, other !== undefined)
    }
  }
  options.progress.end()
  const [first] = plan.sources
  plan.hasWeight = first?.columns.weight !== undefined
  plan.hasTime = first?.columns.time !== undefined
  checkColumns(plan, options, dataset)
  return plan
}

/** How a source was imported whose rows, but not whose ratings or times, were read in the same way. */
const readOtherwise = 'read with another column of ratings, events or times'

function sourceKnown(source: Source, options: ImportOptions, earlier: KnownSource, otherwise: boolean) {
  return new NightjarError('SOURCE_KNOWN', {
    what:
      earlier.importedAt === undefined
        ? `${source.label} holds the same bytes as ${earlier.name}`
        : `${source.label} is in ${options.out.uri} already, imported as ${earlier.name} on ${earlier.importedAt}${otherwise ? `, ${readOtherwise}` : ''}`,
    why: 'the same rows twice would count twice',
    fix: otherwise
      ? 'import all sources into a new folder with these options; or add --if-new to skip what is there already'
      : 'add --if-new to skip what is there already',
  })
}

function checkColumns(plan: ImportPlan, options: ImportOptions, dataset: Dataset | undefined): void {
  const { minRating } = options
  if (minRating !== undefined && plan.sources.length > 0 && !plan.hasWeight) {
    throw new UsageError(
      `--min-rating ${minRating}, but ${plan.sources[0]?.source.label} has no column of ratings`,
      'name it with --rating-column NAME, or leave --min-rating out',
    )
  }
  const optional = [
    {
      option: 'rating',
      stored: 'weight',
      has: (source: PlannedSource) => source.columns.weight !== undefined,
    },
    { option: 'time', stored: 'time', has: (source: PlannedSource) => source.columns.time !== undefined },
  ] as const
  for (const { option, stored, has } of optional) {
    const without = plan.sources.find((source) => !has(source))
    const withIt = plan.sources.find(has)
    if (without === undefined) continue
    if (withIt !== undefined) {
      throw new NightjarError('COLUMNS_DIFFER', {
        what: `${withIt.source.label} has a ${option}, ${without.source.label} has none`,
        why: 'the files of one import need the same columns',
        fix: `leave it out of all with --${option}-column none, or name it with --${option}-column NAME`,
      })
    }
    if (dataset?.manifest.columns.includes(stored)) {
      throw new NightjarError('COLUMNS_DIFFER', {
        what: `${without.source.label} has no ${option}, but the rows of ${options.out.uri} have one`,
        why: 'every part of a dataset has the same columns',
        fix: `name the column with --${option}-column NAME, or import all into a new folder with --${option}-column none`,
      })
    }
  }
}
