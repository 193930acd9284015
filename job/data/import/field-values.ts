const numberForm = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i
const isoForm =
  /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?\s*$/i

/** A rating as float32, or undefined where the text is no finite number. */
export function parseWeight(text: string): number | undefined {
  if (!numberForm.test(text)) return undefined
  const weight = Math.fround(Number(text))
  return Number.isFinite(weight) ? weight : undefined
}

/**
 * A time in milliseconds since 1970, or undefined where the text is none: an ISO 8601 date or time (UTC where
 * it names no zone), or a Unix time whose unit its size tells, see {@link millisecondsOf}.
 */
export function parseTimeMs(text: string): number | undefined {
  if (numberForm.test(text)) return millisecondsOf(Number(text))
  const parts = isoForm.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0))
  const days = new Date(Date.UTC(year, month - 1, day))
  const isInCalendar = days.getUTCMonth() === month - 1 && days.getUTCDate() === day && year > 0
  // A leap second is written as 60; 24:00 is not accepted.
  if (!isInCalendar || hour > 23 || minute > 59 || second > 60) return undefined
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offset = offsetMinutes(parts[8])
  return days.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds
}

/**
 * Unix time in milliseconds. Below 1e11 a number is seconds (until the year 5138), below 1e14 milliseconds
 * (from 1973 on), below 1e17 microseconds, above that nanoseconds.
 */
function millisecondsOf(value: number): number | undefined {
  const size = Math.abs(value)
  if (size < 1e11) return Math.round(value * 1000)
  if (size < 1e14) return Math.floor(value)
  if (size < 1e17) return Math.floor(value / 1e3)
  if (size < 9.2e18) return Math.floor(value / 1e6)
  return undefined
}

/** The rule of {@link parseTimeMs} in SQL, for whole seconds and milliseconds >= 0; NULL for any other. */
export function unixTimeSql(bigint: string): string {
  return `CASE WHEN ${bigint} BETWEEN 0 AND 99999999999 THEN ${bigint} * 1000
    WHEN ${bigint} BETWEEN 100000000000 AND 99999999999999 THEN ${bigint} END`
}

function offsetMinutes(zone: string | undefined): number {
  const digits = zone?.replace(/[^\d]/g, '') ?? ''
  if (digits === '') return 0
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return zone?.startsWith('-') ? -minutes : minutes
}
