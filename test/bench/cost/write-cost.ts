// npm run cost: docs/cost.md and its picture from measurements, assumptions and prices.
//
//   npm run cost                     writes both
//   npm run cost -- --users 50000    prints what a night of a shop of that size costs
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { costChart } from './cost-chart.ts'
import { chartPath, fillIn, pagePath } from './cost-page.ts'
import { billTable } from './cost-tables.ts'

const { users } = parseArgs({ options: { users: { type: 'string' } } }).values
if (users !== undefined) {
  console.log(billTable(Number(users)))
} else {
  writeFileSync(pagePath, fillIn(readFileSync(pagePath, 'utf8')))
  writeFileSync(chartPath, costChart())
  console.log(`written: ${pagePath}, ${chartPath}`)
}
