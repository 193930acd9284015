import { openDataset } from '../data/dataset.ts'
import { UsageError } from '../errors.ts'
import { surveyDataset } from './dataset-facts.ts'
import type { Fault } from './fault.ts'
import type { Watch } from './file-facts.ts'
import { surveyRun } from './run-facts.ts'
import { surveyRuns } from './runs-facts.ts'
import { diffScores } from './scores/diff-scores.ts'
import { oneItemOfDataset, oneItemOfScores } from './scores/one-item.ts'
import { oneUserOfDataset, oneUserOfScores } from './scores/one-user.ts'
import { openScores } from './scores/score-set.ts'
import { surveyScores } from './scores/survey-scores.ts'
import { diffScreen } from './screen/diff-screen.ts'
import { itemScreen } from './screen/item-screen.ts'
import { datasetScreen, runScreen, tableScreen, weightsScreen } from './screen/other-screens.ts'
import type { Paint } from './screen/paint.ts'
import { runsScreen } from './screen/runs-screen.ts'
import { scoresScreen } from './screen/scores-screen.ts'
import { sqlScreen } from './screen/sql-screen.ts'
import { userScreen } from './screen/user-screen.ts'
import { query } from './sql/query.ts'
import { recognise, type Subject } from './subject.ts'
import { surveyArrow, surveyParquet } from './tables/table-facts.ts'
import { surveyWeights } from './weights.ts'

/** What is wanted of a thing beside what it is; at most one of the first four. */
export interface Wanted {
  user?: string
  item?: string
  /** A place. */
  diff?: string
  sql?: string
  dataset?: string
}

/** What was found: for programs, and as a screen for people. */
export interface Found {
  data: unknown
  screen(paint: Paint): string
  faults: readonly Fault[]
}

const views = ['user', 'item', 'diff', 'sql'] as const
type View = (typeof views)[number]

/**
 * Looks at what lies at a place.
 *
 * @throws UsageError where an option does not fit what lies there, naming what it fits; NightjarError as {@link recognise}
 */
export async function inspect(place: string, wanted: Wanted, watch: Watch): Promise<Found> {
  const given = views.filter((name) => wanted[name] !== undefined)
  if (given.length > 1)
    throw new UsageError(`${given.map((name) => `--${name}`).join(' and ')} do not go together`)
  const subject = await recognise(place)
  const [view] = given
  checkFits(subject, view)
  if (view === undefined) return survey(subject, wanted, watch)
  return look(subject, view, wanted, watch)
}

async function look(subject: Subject, view: View, wanted: Wanted, watch: Watch): Promise<Found> {
  const value = wanted[view] ?? ''
  if (view === 'sql') return shown(await query(subject, value, watch, wanted.dataset), sqlScreen)
  if (subject.kind === 'dataset') {
    if (view === 'user') return shown(await oneUserOfDataset(subject, value), userScreen)
    return shown(await oneItemOfDataset(subject.place, await openDataset(subject.store), value), itemScreen)
  }
  const set = await openScores(subject as Subject & { kind: 'run' | 'scores' }, wanted.dataset)
  if (view === 'user') return shown(await oneUserOfScores(set, value), userScreen)
  if (view === 'item') return shown(await oneItemOfScores(set, value, watch), itemScreen)
  const other = await recognise(value)
  if (other.kind !== 'run' && other.kind !== 'scores') {
    throw new UsageError(`--diff wants score files or a run, and ${value} is ${names[other.kind]}`)
  }
  return shown(await diffScores(set, await openScores(other), watch), diffScreen)
}

/** Which views each kind of thing has. */
const fitting: Record<Subject['kind'], readonly View[]> = {
  scores: ['user', 'item', 'diff', 'sql'],
  run: ['user', 'item', 'diff', 'sql'],
  runs: [],
  dataset: ['user', 'item', 'sql'],
  arrow: ['sql'],
  parquet: ['sql'],
  weights: [],
}

const names: Record<Subject['kind'], string> = {
  scores: 'score files',
  run: 'a run',
  runs: 'a folder of runs',
  dataset: 'a dataset',
  arrow: 'another Arrow file',
  parquet: 'Parquet',
  weights: 'a checkpoint',
}

function checkFits(subject: Subject, view: View | undefined): void {
  if (view === undefined || fitting[subject.kind].includes(view)) return
  const kinds = Object.keys(fitting) as Subject['kind'][]
  const fits = kinds.filter((kind) => fitting[kind].includes(view)).map((kind) => names[kind])
  const own = fitting[subject.kind].map((name) => `--${name}`).join(', ')
  throw new UsageError(
    `--${view} does not fit ${subject.place}, which is ${names[subject.kind]} (it fits ${fits.join(', ')})`,
    own === '' ? 'leave it out' : `leave it out, or take ${own}`,
  )
}

async function survey(subject: Subject, wanted: Wanted, watch: Watch): Promise<Found> {
  switch (subject.kind) {
    case 'scores':
      return shown(await surveyScores(await openScores(subject, wanted.dataset), watch), scoresScreen)
    case 'run':
      return shown(await surveyRun(subject, watch, wanted.dataset), runScreen)
    case 'runs':
      return shown(await surveyRuns(subject, watch), runsScreen)
    case 'dataset':
      return shown(await surveyDataset(subject, watch), datasetScreen)
    case 'weights':
      return shown(await surveyWeights(subject, watch), weightsScreen)
    case 'arrow':
      return shown(await surveyArrow(subject, watch), tableScreen)
    case 'parquet':
      return shown(await surveyParquet(subject, watch), tableScreen)
  }
}

function shown<Report extends object>(data: Report, screen: (data: Report, paint: Paint) => string): Found {
  const faults = 'faults' in data ? (data.faults as Fault[]) : []
  return { data, screen: (paint) => screen(data, paint), faults }
}
