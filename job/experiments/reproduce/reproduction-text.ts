import { metricText } from './figure-text.ts'
import { printedTables } from './printed.ts'
import type { Reproduction } from './report-content.ts'
import { hasRun, overSeeds } from './results.ts'
import { type SystemName, systemLabel, systemNames } from './systems.ts'

/** A reproduction in some lines: F1@10 of every system beside the printed one, and how many verdicts there are of each. */
export function reproductionText({ data, verdicts }: Reproduction): string {
  const given = data.filter(({ split }) => split !== undefined)
  const names = systemNames.filter((name) => given.some(({ systems }) => systems.has(name)))
  const width = Math.max(12, ...names.map((name) => systemLabel(name).length))
  const head = ['F1@10'.padEnd(width), ...given.map(({ label }) => label.padStart(24))].join('')
  const under = [''.padEnd(width), ...given.map(() => 'ours   printed'.padStart(24))].join('')
  const rows = names.map((name) =>
    [
      systemLabel(name).padEnd(width),
      ...given.map(({ systems, printed }) => {
        const result = systems.get(name)
        const ours = result && hasRun(result) ? metricText(overSeeds(result, 'f1', 10).mean) : 'not run'
        const print = printed === undefined ? undefined : printedF1(name, printed)
        return `${ours.padStart(14)}${(print === undefined ? '' : metricText(print)).padStart(10)}`
      }),
    ].join(''),
  )
  const kinds = ['confirmed', 'refuted', 'not decided', 'not run'] as const
  const counts = kinds.map((kind) => `${verdicts.filter(({ verdict }) => verdict === kind).length} ${kind}`)
  return [
    ...(names.length === 0 ? [] : [head, under, ...rows.map((row) => row.trimEnd()), '']),
    ...(verdicts.length === 0 ? [] : [`orderings of the paper: ${counts.join(', ')}`]),
  ].join('\n')
}

/** From table 3, or from the first table that has the system. */
function printedF1(name: SystemName, data: Parameters<(typeof printedTables)[3]['values']>[1]) {
  const table = ([3, 1, 4, 5, 6] as const)
    .map((number) => printedTables[number])
    .find(({ systems }) => (systems as readonly string[]).includes(name))
  return table?.values(name as (typeof table.systems)[number], data)[2]
}
