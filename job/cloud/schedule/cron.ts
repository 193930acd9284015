import { UsageError } from '../../errors.ts'

interface Field {
  name: string
  least: number
  most: number
  /** Names for numbers, the first for `least`. */
  names?: string[]
  /** What it takes besides numbers, lists, ranges and steps. */
  special: RegExp
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
const days = 'SUN MON TUE WED THU FRI SAT'.split(' ')
const nothing = /^(?!)/

/** As EventBridge Scheduler documents them; Sunday is 1. */
const fields: Field[] = [
  { name: 'minutes', least: 0, most: 59, special: nothing },
  { name: 'hours', least: 0, most: 23, special: nothing },
  { name: 'day of month', least: 1, most: 31, special: /^(\?|L|([1-9]|[12]\d|3[01])W|LW)$/ },
  { name: 'month', least: 1, most: 12, names: months, special: nothing },
  {
    name: 'day of week',
    least: 1,
    most: 7,
    names: days,
    special: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  },
  { name: 'year', least: 1970, most: 2199, special: nothing },
]

/**
 * A cron expression of EventBridge Scheduler, with or without `cron(...)` around it, as `cron(...)`.
 *
 * @throws UsageError which points at the field
 */
export function checkCron(text: string): string {
  const inner = /^cron\((.*)\)$/.exec(text.trim())?.[1] ?? text.trim()
  const words = inner.split(/\s+/)
  if (words.length !== fields.length)
    throw new UsageError(
      `invalid --cron: ${text} has ${words.length} fields (want six: minutes hours day-of-month month day-of-week year)`,
      'every night at two: --cron "0 2 * * ? *"',
    )
  words.forEach((word, i) => {
    const problem = problemOf(word.toUpperCase(), fields[i])
    if (problem !== undefined) throw new UsageError(pointing(words, i, problem))
  })
  const [day, weekday] = [words[2], words[4]]
  if ((day === '?') === (weekday === '?'))
    throw new UsageError(
      pointing(
        words,
        4,
        `exactly one of day of month and day of week is ?, and here ${day === '?' ? 'both are' : 'none is'}`,
      ),
      'every day: "* * ?" for day of month, month, day of week',
    )
  return `cron(${words.join(' ')})`
}

/** The expression of an hour of every day. */
export function cronOfHour(hour: number): string {
  return `cron(0 ${hour} * * ? *)`
}

function problemOf(word: string, field: Field): string | undefined {
  if (field.special.test(word)) return undefined
  for (const part of word.split(',')) {
    const match = /^(\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:\/(\d+))?$/.exec(part)
    const bounds = `${field.name} is ${field.least} to ${field.most}${field.names === undefined ? '' : `, or ${field.names[0]} to ${field.names.at(-1)}`}`
    if (match === null) return `"${part}" is no ${field.name} (${bounds})`
    const [, first, last, step] = match
    if (first === '*' && last !== undefined) return `"${part}": a range has a number on both sides`
    if (step !== undefined && (Number(step) < 1 || Number(step) > field.most))
      return `"${part}": a step is 1 to ${field.most}`
    const numbers = [first, last]
      .filter((end) => end !== undefined && end !== '*')
      .map((end) => numberOf(end!, field))
    if (numbers.some((n) => n === undefined)) return `"${part}" is out of range: ${bounds}`
    const [from, to] = numbers
    if (to !== undefined && from !== undefined && from > to) return `"${part}": the range runs backwards`
  }
  return undefined
}

function numberOf(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text)
  const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** The expression with the field underlined. */
function pointing(words: string[], at: number, problem: string): string {
  const before = words.slice(0, at).join(' ').length + (at > 0 ? 1 : 0)
  return `invalid --cron: ${problem}\n  ${words.join(' ')}\n  ${' '.repeat(before)}${'^'.repeat(words[at].length)}`
}
