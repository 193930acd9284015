import { UsageError } from '../errors.ts'
import type { Fault } from './fault.ts'
import type { Watch } from './file-facts.ts'
import { oneUserOfScores } from './scores/one-user.ts'
import { openScores } from './scores/score-set.ts'
import { surveyScores } from './scores/survey-scores.ts'
import type { Paint } from './screen/paint.ts'
import { scoresScreen } from './screen/scores-screen.ts'
import { userScreen } from './screen/user-screen.ts'
import { recognise, type Subject } from './subject.ts'

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
  return look(subject, view, wanted, watch)
}

async function look(subject: Subject, view: View | undefined, wanted: Wanted, watch: Watch): Promise<Found> {
  if (subject.kind === 'scores' || (subject.kind === 'run' && view !== undefined)) {
    const set = await openScores(subject, wanted.dataset)
    if (view === 'user') {
      const data = await oneUserOfScores(set, wanted.user ?? '')
      return { data, screen: (paint) => userScreen(data, paint), faults: [] }
    }
    const data = await surveyScores(set, watch)
    return { data, screen: (paint) => scoresScreen(data, paint), faults: data.faults }
  }
  throw new Error('not yet')
}
