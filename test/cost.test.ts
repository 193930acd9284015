import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { machineTypes } from '../job/cloud/batch/prices.ts'
import { assumed, gpuSpeeds } from './bench/cost/assumptions.ts'
import { cpuTakesLongerThan, gpuPaysFrom } from './bench/cost/break-even.ts'
import { costChart } from './bench/cost/cost-chart.ts'
import { chartPath, fillIn, pagePath } from './bench/cost/cost-page.ts'
import { fitsFreePlan, keysOf, kvMonth } from './bench/cost/kv-month.ts'
import { measuredNight } from './bench/cost/measured-night.ts'
import { cpuNight, gpuNight, nightBill, totalOf } from './bench/cost/night-cost.ts'
import { nightWork, reckonedSeconds } from './bench/cost/night-work.ts'
import { measuredAt, scaleFile, shopOf } from './bench/cost/shop.ts'

const text = (path: string) => readFileSync(path, 'utf8')
const sizes: Record<string, number>[] = JSON.parse(text(scaleFile)).results
const sizeOf = (users: number, hidden: number) =>
  sizes.find((size) => size.users === users && size.hidden === hidden) ?? {}
const lineOf = (users: number, on: 'cpu' | 'gpu', what: RegExp) =>
  nightBill(users, on).lines.find((line) => what.test(line.what))?.dollars

describe('docs/cost.md', () => {
  it('says what is reckoned (else: npm run cost)', () => {
    expect(fillIn(text(pagePath))).toBe(text(pagePath))
  })

  it('shows the picture that is drawn from the same sums', () => {
    expect(costChart()).toBe(text(chartPath))
  })

  it('refuses a page without a place for a table, and a place for nothing', () => {
    expect(() => fillIn('# What a night costs\n')).toThrow(/no place for glance/)
    expect(() => fillIn(`${text(pagePath)}<!-- reckoned: rent -->\n<!-- end -->\n`)).toThrow(/rent/)
  })
})

describe('the time of a night', () => {
  const measured = sizeOf(10_000, 160)
  const steps = 750 * measured.epochSeconds
  const rankings = (54 + 2) * 10_000 * measured.rankSecondsPerUser
  const picking = (54 + 2) * 10_000 * measured.selectSecondsPerUser
  const rest = 40 * measured.foldInEpochSeconds + measuredNight.restSeconds

  it('is its epochs, rankings, the fold-in component and the rest, and EC2 is slower', () => {
    expect(assumed.bestEpoch.value).toBe(240)
    const hours = (1.5 * (steps + rankings + rest)) / 3600 + 5 / 60
    expect(cpuNight(10_000).hours).toBeCloseTo(hours, 10)
  })

  it('on a GPU is steps and rankings so many times as fast, while picking and the rest stay as they are', () => {
    const hours = ((steps + rankings) / 4 + 1.5 * (picking + rest)) / 3600 + 8 / 60
    expect(gpuNight(10_000, { type: 'g4dn.xlarge', timesFaster: 4 }).hours).toBeCloseTo(hours, 10)
  })

  it('is measured at the measured sizes, and interpolated between them', () => {
    expect(measuredAt(1_000_000).epochSeconds).toBe(sizeOf(1_000_000, 128).epochSeconds)
    const [low, high] = [sizeOf(10_000, 160), sizeOf(30_000, 160)]
    const middle = Math.sqrt(10_000 * 30_000)
    expect(measuredAt(middle).epochSeconds).toBeCloseTo(Math.sqrt(low.epochSeconds * high.epochSeconds), 10)
    expect(() => shopOf(5000)).toThrow('invalid users: 5000 (want 10000 to 1000000')
  })

  it('is within a fifth of a whole night that was run', () => {
    const reckoned = reckonedSeconds(nightWork(measuredNight.users, measuredNight.bestEpoch))
    expect(Math.abs(reckoned / measuredNight.wholeSeconds - 1)).toBeLessThan(0.2)
  })
})

describe('the bill of a night', () => {
  it('asks for the machine, its disk and its address by the hour', () => {
    const { hours, dollars } = cpuNight(10_000)
    expect(dollars).toBeCloseTo(hours * (0.17 * 0.5 + (30 * 0.08) / 720 + 0.005), 10)
    expect(lineOf(1_000_000, 'gpu', /^machine/)).toBeCloseTo(
      nightBill(1_000_000, 'gpu').hours * machineTypes[gpuSpeeds[0].type].dollars * 0.5,
      10,
    )
  })

  it('keeps a year of nights, and a week of checkpoints of weights and two moments', () => {
    const [users, items, hidden] = [1_000_000, 20_000, 128]
    const weights = 4 * (2 * users * hidden + 2 * items * hidden + 2 * items + users + 2 * hidden)
    const checkpoints = (15 * 3 * weights + weights) / 1e9
    expect(lineOf(users, 'cpu', /checkpoints/)).toBeCloseTo((checkpoints * 7 * 0.023) / 30, 6)
    const { runBytes, datasetBytes, incomingBytes, rows } = measuredNight
    const night = weights + (runBytes.foldIn / 5004) * items + (runBytes.scores / 10_000) * users
    const data = (29_373_567 * (datasetBytes + incomingBytes)) / rows
    expect(lineOf(users, 'cpu', /year of nights/)).toBeCloseTo(((data + 365 * night) / 1e9) * (0.023 / 30), 6)
  })

  it('sends buckets to Cloudflare as base64, and pays for what waits', () => {
    expect(lineOf(1_000_000, 'cpu', /data out/)).toBeCloseTo(((16_384 * 130_000 * 4) / 3 / 1e9) * 0.09, 10)
    expect(lineOf(10_000, 'cpu', /alarms/)).toBeCloseTo(0.5 / 30, 10)
    expect(lineOf(10_000, 'cpu', /secret/)).toBeCloseTo(0.4 / 30 + 0.000006, 10)
    expect(lineOf(10_000, 'gpu', /image/)).toBeCloseTo((4 * 0.1) / 30, 10)
  })

  it('is the sum of its lines', () => {
    for (const on of ['cpu', 'gpu'] as const) {
      const { lines, dollars } = nightBill(300_000, on)
      expect(lines.length).toBeGreaterThan(9)
      expect(dollars).toBeCloseTo(
        lines.reduce((sum, line) => sum + line.dollars, 0),
        12,
      )
    }
  })

  it('is of the stack as its template has it', () => {
    const { Resources } = JSON.parse(text('infra/template/nightjar.template.json'))
    const all: { Type: string; Properties?: Record<string, unknown> }[] = Object.values(Resources)
    const count = (type: string) => all.filter((resource) => resource.Type === type).length
    expect(count('AWS::CloudWatch::Alarm')).toBe(2)
    expect(count('AWS::Logs::MetricFilter')).toBe(1)
    expect(count('AWS::SecretsManager::Secret')).toBe(1)
    expect(count('AWS::EC2::NatGateway')).toBe(0)
    const rules = JSON.stringify(all.filter(({ Type }) => Type === 'AWS::S3::Bucket'))
    expect(rules).toContain('"ExpirationInDays":365')
    expect(rules).toContain('"NoncurrentDays":7')
  })
})

describe('a month of serving', () => {
  const million = { users: 1_000_000, items: 20_000 }

  it('is the plan, and what goes beyond it', () => {
    const requests = (30 - 10) * 0.3
    const reads = (300 - 10) * 0.5
    const storage = ((16_384 * 130_000 * 4) / 1e9 - 1) * 0.5
    expect(totalOf(kvMonth(million))).toBeCloseTo(5 + requests + reads + storage, 10)
    expect(totalOf(kvMonth({ users: 10_000, items: 5000 }))).toBe(5)
  })

  it('is what docs/how-to/serve.md says, which rounds its gigabytes', () => {
    expect(text('docs/how-to/serve.md')).toContain('**159.75**')
    expect(Math.abs(totalOf(kvMonth({ ...million, items: 10_000 })) - 159.75)).toBeLessThan(0.02)
  })

  it('counts the keys that a night wrote', () => {
    expect(keysOf(measuredNight).version).toBe(measuredNight.kvKeys)
    expect(keysOf({ users: 10_000, items: 5000 }).written).toBe(142)
  })

  it('fits the free plan with ten thousand users, and 23,000 may publish three times a day', () => {
    expect(fitsFreePlan({ users: 10_000, items: 5000 })).toEqual({ writes: true, reads: true, storage: true })
    expect(fitsFreePlan({ users: 100_000, items: 10_000 }).writes).toBe(false)
    const keys = keysOf({ users: 23_000, items: 6500 })
    expect([keys.userBuckets, 3 * keys.written <= 1000]).toEqual([256, true])
  })
})

describe('where a GPU pays', () => {
  it.each([3, 5, 10, Number.POSITIVE_INFINITY])(
    'with steps %d times as fast it does from one size on',
    (speed) => {
      const from = gpuPaysFrom('g4dn.xlarge', speed) ?? 0
      for (const users of [
        10_000, 20_000, 40_000, 52_000, 60_000, 80_000, 120_000, 250_000, 310_000, 600_000, 1e6,
      ]) {
        // Sizes are told in two digits.
        if (Math.abs(users / from - 1) < 0.05) continue
        const gpu = gpuNight(users, { type: 'g4dn.xlarge', timesFaster: speed }).dollars
        expect(gpu < cpuNight(users).dollars).toBe(users > from)
      }
    },
  )

  it('holds what the page says in words', () => {
    expect(gpuPaysFrom('g4dn.xlarge', Number.POSITIVE_INFINITY)).toBeGreaterThan(50_000)
    expect(gpuPaysFrom('g4dn.xlarge', 1)).toBeUndefined()
    expect(cpuTakesLongerThan(4)).toBeGreaterThan(280_000)
    expect(cpuNight(300_000).dollars).toBeLessThan(0.5)
    expect(totalOf(kvMonth(shopOf(1_000_000))) / 30).toBeGreaterThan(nightBill(1_000_000, 'cpu').dollars)
  })
})
