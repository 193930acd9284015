import { describe, expect, it } from 'vitest'
import { climbOptions } from '../../job/train/climb.ts'

/** A trial that makes the text of what it tried. */
const tried = (score: number, { a, b }: Record<string, unknown>) => ({ score, made: `${a} ${b}` })

/** A hill over the logarithms of two options. */
const hill = (tops: { a: number; b: number }) => (options: Record<string, unknown>) =>
  -Math.abs(Math.log(Number(options.a) / tops.a)) - Math.abs(Math.log(Number(options.b) / tops.b))

const climb = [
  { option: 'a', factor: 3, from: 0.01, to: 100 },
  { option: 'b', factor: 2, from: 1, to: 16 },
] as const

describe('climbOptions', () => {
  it('goes up or down, one option after the other, and keeps what is not climbed', async () => {
    const asked: unknown[] = []
    const height = hill({ a: 0.1, b: 8 })
    const best = await climbOptions({ a: 1, b: 2, c: 'x' }, climb, async (options) => {
      asked.push(`${options.a} ${options.b}`)
      return tried(height(options), options)
    })
    expect(best.options).toEqual({ a: 0.111111, b: 8, c: 'x' })
    expect(best.score).toBe(height(best.options))
    expect(best.made).toBe('0.111111 8')
    expect(asked).toEqual([
      ...['1 2', '3 2', '0.333333 2', '0.111111 2', '0.037037 2'],
      ...['0.111111 4', '0.111111 8', '0.111111 16'],
    ])
  })

  it('ends where it is when it may try no more', async () => {
    let left = 2
    const best = await climbOptions(
      { a: 1, b: 2 },
      climb,
      async (options) => tried(hill({ a: 100, b: 8 })(options), options),
      () => left-- > 0,
    )
    expect(best.options).toEqual({ a: 9, b: 2 })
  })

  it('never leaves the bounds, and tries the other way where the first is closed', async () => {
    const best = await climbOptions({ a: 81, b: 16 }, climb, async (options) => {
      expect(Number(options.a)).toBeLessThanOrEqual(100)
      expect(Number(options.b)).toBeLessThanOrEqual(16)
      return tried(hill({ a: 1e6, b: 1 })(options), options)
    })
    expect(best.options).toEqual({ a: 81, b: 1 })
  })

  it('moves along what belongs to an option, and takes no step that gains too little', async () => {
    const asked: unknown[] = []
    const steps = [
      { ...climb[0], along: { b: 2 } },
      { ...climb[1], to: 1000, leastGain: 0.5 },
    ]
    const best = await climbOptions({ a: 1, b: 4 }, steps, async ({ a, b }) => {
      asked.push(`${a} ${b}`)
      return tried(Number(a) + Number(b) / 100, { a, b })
    })
    expect(asked).toEqual(['1 4', '3 8', '9 16', '27 32', '81 64', '81 128', '81 32'])
    // 81 128 scored more, and not enough: neither it nor what it made is the end.
    expect(best).toEqual({ options: { a: 81, b: 64 }, score: 81.64, made: '81 64' })
  })

  it('without anything to climb tries the start alone', async () => {
    expect(await climbOptions({ a: 5 }, [], async () => ({ score: 7, made: 'it' }))).toEqual({
      ...{ options: { a: 5 }, score: 7, made: 'it' },
    })
  })
})
