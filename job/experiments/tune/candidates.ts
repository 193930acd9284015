import { Random } from '../../data/random.ts'
import { UsageError } from '../../errors.ts'
import type { Choice, ModelKind } from '../../models/model.ts'

/** A model's options, by name. */
export type Options = Record<string, unknown>
/** What is tried of which option. */
export type Space = Record<string, Choice>

/** How many values a grid takes of a range, both ends among them. */
const pointsOfRange = 5

/**
 * What a search tries: the model's declared space, or where `tried` names any option, those alone.
 *
 * @param tried as `l2=0.1,1,10` or `l2=0.1..10`, a range; of one that is all positive and spans ten times or more
 *   the logarithm is taken
 * @throws UsageError where an option is not the model's, or a value not one that it takes
 */
export function spaceOf(kind: ModelKind, tried: readonly string[], fixed: Options): Space {
  const space: Space = tried.length === 0 ? { ...kind.space } : Object.fromEntries(tried.map(parseTry))
  // What is fixed is not searched.
  for (const name of Object.keys(fixed)) delete space[name]
  for (const [name, choice] of Object.entries(space)) {
    const values = 'values' in choice ? choice.values : [choice.from, choice.to]
    for (const value of values) fitting(kind, { ...kind.defaults, ...fixed }, name, value)
  }
  return space
}

function parseTry(text: string): [string, Choice] {
  const [, name, values] = /^([a-zA-Z0-9]+)=(.+)$/.exec(text) ?? []
  if (name === undefined)
    throw new UsageError(`invalid --try: ${text} (want name=value,value,... or name=from..to)`)
  const [, from, to] = /^([-+.\de]+?)\.\.([-+.\de]+)$/.exec(values) ?? []
  if (from === undefined) return [name, { values: values.split(',').map(parseValue) }]
  const range = { from: Number(from), to: Number(to) }
  if (!(range.from < range.to))
    throw new UsageError(`invalid --try: ${text} (want from..to, the lower first)`)
  return [name, { ...range, by: range.from > 0 && range.to / range.from >= 10 ? 'log' : 'linear' }]
}

function parseValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** Every combination of the space's values, over what is fixed; the first option changes slowest. */
export function grid(kind: ModelKind, space: Space, fixed: Options): Options[] {
  let combinations: Options[] = [{ ...kind.defaults, ...fixed }]
  for (const [name, choice] of Object.entries(space)) {
    const values =
      'values' in choice
        ? choice.values
        : Array.from({ length: pointsOfRange }, (_, n) => along(choice, n / (pointsOfRange - 1)))
    combinations = combinations.flatMap((before) =>
      values.map((value) => ({ ...before, [name]: fitting(kind, before, name, value) })),
    )
  }
  return unlike(combinations)
}

/** Combinations drawn at random, no two alike: fewer than `count` where the space has no more. */
export function drawn(kind: ModelKind, space: Space, fixed: Options, count: number, seed: number): Options[] {
  const random = new Random(seed, 0, 3)
  const found: Options[] = []
  // A small space is soon exhausted, and then every draw has been there before.
  for (let draws = 0; found.length < count && draws < 50 * count; draws++) {
    const options: Options = { ...kind.defaults, ...fixed }
    for (const [name, choice] of Object.entries(space)) {
      const value =
        'values' in choice ? choice.values[random.below(choice.values.length)] : along(choice, random.next())
      options[name] = fitting(kind, options, name, value)
    }
    const known = found.length
    if (unlike([...found, options]).length > known) found.push(options)
  }
  return found
}

function along({ from, to, by }: Exclude<Choice, { values: unknown }>, share: number): number {
  const value = by === 'log' ? from * (to / from) ** share : from + (to - from) * share
  return Number(value.toPrecision(3))
}

/** The value, or where the option takes whole numbers only, the nearest of them. */
function fitting(kind: ModelKind, options: Options, name: string, value: unknown): unknown {
  const takes = (tried: unknown) => kind.options.safeParse({ ...options, [name]: tried })
  if (takes(value).success) return value
  if (typeof value === 'number' && takes(Math.round(value)).success) return Math.round(value)
  const message = takes(value).error?.issues[0]?.message
  throw new UsageError(
    `${name}=${String(value)} is nothing for ${kind.name}: ${message} (it has ${Object.keys(kind.defaults).join(', ') || 'no options'})`,
  )
}

function unlike(combinations: readonly Options[]): Options[] {
  return [...new Map(combinations.map((options) => [JSON.stringify(options), options])).values()]
}
