import { describe, expect, it } from 'vitest'
import {
  baselines,
  type PrintedDataName,
  printedData,
  printedImprovement,
  printedTables,
} from '../../../job/experiments/reproduce/printed.ts'

const names = Object.keys(printedData) as PrintedDataName[]

/** A mistyped digit would show: the paper prints most figures twice, or in two forms. */
describe('what the paper prints', () => {
  it('F1@10 is that of the P@10 and R@10 beside it, as far as four digits tell, but for one', () => {
    const off: string[] = []
    for (const number of [1, 4, 5, 6] as const) {
      const { systems, values } = printedTables[number]
      for (const system of systems) {
        for (const data of names) {
          const [p, r, f1] = values(system, data)
          const bounds = [-0.00005, 0.00005].map((e) => (2 * (p + e) * (r + e)) / (p + r + 2 * e))
          const isWithin = f1 >= bounds[0] - 0.00006 && f1 <= bounds[1] + 0.00006
          if (!isWithin) off.push(`table ${number}, ${system}, ${data}: ${p} ${r} ${f1}`)
        }
      }
    }
    // 2 x .2078 x .1594 / (.2078 + .1594) = .1804: the paper's own.
    expect(off).toEqual(['table 4, npr, ml-1m: 0.2078 0.1594 0.1806'])
  })

  it('F1@10 of table 3 is that of the other tables, but for one last digit', () => {
    const differing: string[] = []
    for (const number of [1, 4, 5, 6] as const) {
      for (const system of printedTables[number].systems.filter((s) =>
        printedTables[3].systems.includes(s),
      )) {
        for (const data of names) {
          const [ours, three] = [
            printedTables[number].values(system, data)[2],
            printedTables[3].values(system, data)[2],
          ]
          if (ours !== three)
            differing.push(`${system} ${data}: ${ours} in table ${number}, ${three} in table 3`)
        }
      }
    }
    expect(differing).toEqual(['u-autorec ml-1m: 0.1969 in table 1, 0.1968 in table 3'])
  })

  it('the improvement is JCA over the best baseline, as far as four digits tell', () => {
    for (const data of names) {
      for (const column of [0, 1, 2]) {
        const best = Math.max(...baselines.map((system) => printedTables[3].values(system, data)[column]))
        const jca = printedTables[3].values('jca', data)[column]
        const printed = printedImprovement[data][column]
        expect(printed).toBeGreaterThan(100 * ((jca - 0.00005) / (best + 0.00005) - 1) - 0.05)
        expect(printed).toBeLessThan(100 * ((jca + 0.00005) / (best - 0.00005) - 1) + 0.05)
      }
    }
  })

  it('density is that of users, items and rows', () => {
    for (const { users, items, rows, density } of Object.values(printedData))
      expect(Math.abs((100 * rows) / (users * items) / density - 1)).toBeLessThan(0.01)
  })
})
