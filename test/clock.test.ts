import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../job/clock.ts'
import { ManualClock } from './manual-clock.ts'

const clocks: Record<string, () => Clock> = {
  system: () => systemClock,
  manual: () => new ManualClock('2026-04-23T03:15:00Z'),
}

for (const [name, open] of Object.entries(clocks)) {
  describe(`clock contract: ${name}`, () => {
    it('tells a valid time of day, and elapsed time that never runs backwards', () => {
      const clock = open()
      expect(Number.isFinite(clock.now().getTime())).toBe(true)
      let last = clock.elapsedMs()
      for (let i = 0; i < 100; i++) {
        const next = clock.elapsedMs()
        expect(next).toBeGreaterThanOrEqual(last)
        last = next
      }
    })

    it('hands out a new Date each time, so that nobody can change it for another', () => {
      const clock = open()
      clock.now().setFullYear(1970)
      expect(clock.now().getFullYear()).toBeGreaterThan(2000)
    })
  })
}

it('the manual clock moves when it is told to', () => {
  const clock = new ManualClock('2026-04-23T03:15:00Z')
  const before = clock.elapsedMs()
  clock.advance(1500)
  expect(clock.elapsedMs() - before).toBe(1500)
  expect(clock.now().toISOString()).toBe('2026-04-23T03:15:01.500Z')
})
