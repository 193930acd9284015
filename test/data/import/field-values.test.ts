import { describe, expect, test } from 'vitest'
import { parseTimeMs, parseWeight } from '../../../job/data/import/field-values.ts'

describe('parseWeight', () => {
  test('rounds to float32', () => {
    expect(parseWeight('4.1')).toBe(Math.fround(4.1))
    expect(parseWeight(' -1e3 ')).toBe(-1000)
    expect(parseWeight('.5')).toBe(0.5)
  })

  test.each(['', ' ', 'abc', 'NaN', 'Infinity', '0x10', '4,5', '1_000', '1e39', '5 stars'])(
    'refuses %j',
    (text) => expect(parseWeight(text)).toBeUndefined(),
  )
})

describe('parseTimeMs', () => {
  test('tells the unit of Unix time by its size', () => {
    const ms = Date.UTC(2024, 4, 6, 7, 8, 9)
    expect(parseTimeMs(String(ms / 1000))).toBe(ms)
    expect(parseTimeMs(String(ms))).toBe(ms)
    expect(parseTimeMs(`${ms}000`)).toBe(ms)
    expect(parseTimeMs(`${ms}000000`)).toBe(ms)
    expect(parseTimeMs(`${ms / 1000}.255`)).toBe(ms + 255)
  })

  test('reads ISO 8601, in UTC where no zone is named', () => {
    const ms = Date.UTC(2024, 1, 29, 22, 30, 5)
    for (const text of [
      '2024-02-29T22:30:05Z',
      '2024-02-29 22:30:05',
      '2024-02-29T22:30:05.000+00',
      '2024-03-01T00:30:05+02:00',
      '2024-02-29T17:00:05-0530',
      '2024-02-29 22:30:05 UTC',
    ]) {
      expect(parseTimeMs(text), text).toBe(ms)
    }
    expect(parseTimeMs('2024-02-29T22:30:05.123456Z')).toBe(ms + 123)
    expect(parseTimeMs('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
    expect(parseTimeMs('1969-12-31T23:59:59Z')).toBe(-1000)
  })

  test.each(['', 'yesterday', '2023-02-29', '2024-13-01', '2024-01-01T24:00', '1e19', '01/02/2024', 'NaN'])(
    'refuses %j',
    (text) => expect(parseTimeMs(text)).toBeUndefined(),
  )
})
