import { NightjarError, UsageError } from '../../errors.ts'
import { parseWeight } from './field-values.ts'

/** What each kind of event weighs; one of weight 0 is left out. */
export type EventWeights = ReadonlyMap<string, number>

/** Unknown events that are remembered, and that are shown: a wrong column has one for every row. */
const unknownMax = 1000
const shownNames = 5

/** Parses `buy=1,click=0.2,view=0`. @throws UsageError */
export function parseEventWeights(text: string): EventWeights {
  const weights = new Map<string, number>()
  for (const pair of text.split(',')) {
    const [, name = '', weightText = ''] = /^\s*(.+?)\s*=\s*(\S+)\s*$/.exec(pair) ?? []
    const weight = parseWeight(weightText)
    if (name === '' || weight === undefined || weight < 0) {
      throw new UsageError(`invalid --events: ${pair} (want NAME=WEIGHT,... as in buy=1,click=0.2,view=0)`)
    }
    if (weights.has(name)) throw new UsageError(`invalid --events: ${name} is there twice`)
    weights.set(name, weight)
  }
  return weights
}

/** Reads a source's column of events, and remembers what it does not know. */
export class EventReader {
  readonly #weights: EventWeights
  readonly #unknown = new Map<string, { rows: number; line: number }>()
  /** Rows of weight 0 so far. */
  ignored = 0

  constructor(weights: EventWeights) {
    this.#weights = weights
  }

  /** The weight of an event; 0 for an unknown one, which is remembered; undefined where there is no event. */
  readonly weightOf = (event: string, line: number): number | undefined => {
    if (event === '') return undefined
    const weight = this.#weights.get(event)
    if (weight !== undefined) return weight
    const { rows, line: first } = this.#unknown.get(event) ?? { rows: 0, line }
    if (this.#unknown.size < unknownMax || this.#unknown.has(event)) {
      this.#unknown.set(event, { rows: rows + 1, line: first })
    }
    return 0
  }

  /** Whether a row of this weight is left out; it is counted. */
  isIgnored(weight: number | undefined): boolean {
    if (weight !== 0) return false
    this.ignored++
    return true
  }

  /** @throws NightjarError UNKNOWN_EVENT naming the events that have no weight */
  refuseUnknown(file: string): void {
    if (this.#unknown.size === 0) return
    const names = [...this.#unknown]
    const shown = names
      .slice(0, shownNames)
      .map(
        ([name, { rows, line }]) =>
          `${JSON.stringify(name.slice(0, 40))} (${rows} rows, the first at line ${line})`,
      )
    const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : ''
    throw new NightjarError('UNKNOWN_EVENT', {
      what: `${file}: no weight is given for ${shown.join(', ')}${more}; --events has ${[...this.#weights.keys()].join(', ')}`,
      why: 'a new kind of event, a typing error, or another column was taken for the events',
      fix: `give it a weight, 0 to leave it out: --events ${[...this.#weights].map(([name, weight]) => `${name}=${weight}`).join()},${names[0]?.[0]}=0`,
    })
  }
}
