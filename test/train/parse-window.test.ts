import { expect, it } from 'vitest'
import { UsageError } from '../../job/errors.ts'
import { parseWindow } from '../../job/train/parse-window.ts'

it('a window is a count of days, weeks or years, and nothing else', () => {
  expect(['1d', '90d', '26w', '2y', '100y'].map(parseWindow)).toEqual([1, 90, 182, 730, 36_500])
  for (const text of [
    '',
    '0d',
    '-1d',
    '1.5d',
    '90',
    'd',
    '3m',
    '90D',
    ' 1d',
    '1d ',
    '1e3d',
    '101y',
    '36501d',
  ]) {
    expect(() => parseWindow(text), text).toThrow(UsageError)
  }
})
