// npm run bench: how near the engine is to what this machine can do, and how it compares.
//
//   npm run bench -- [--quick] [--json] [--out FILE]
//
// Seeded. Peaks and phases are measured in turns in one run. The JSON goes to test/bench/results/, named after the
// commit, unless --out says otherwise. On the real data sets where NIGHTJAR_DATA has them, else on made ones of their size.
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { nightjarVersion } from '../../job/nightjar-version.ts'
import { benchData } from './bench-data.ts'
import { benchOtherSteps, benchWasmEpochs, type EpochTime } from './epochs.ts'
import { openPeaks } from './peaks.ts'
import { benchPhases } from './phases.ts'
import { epochTable, peakLines, phaseTable } from './tables.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const say = (text: string) => void (values.json || console.log(text))

const { version, commit } = nightjarVersion()
const cores = availableParallelism()
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
  // Other work on the machine shows here.
  loadBefore: loadavg()[0],
}
say(`nightjar ${version}, commit ${commit}`)
say(
  `${machine.cpu}, ${cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, load ${machine.loadBefore.toFixed(1)}`,
)

const peaks = await openPeaks()
const results = []
for (const data of benchData()) {
  const { rowCount: users, columnCount: items, columns } = data.ratings
  say(
    `\n${data.name}: ${users} users, ${items} items, ${columns.length} pairs; blocks of 1500 x 1500, hidden 160`,
  )
  const phased = await benchPhases(data, peaks)
  say(`\n${peakLines(phased.peaks, [1500, items, users]).join('\n')}`)
  say(`\n${phaseTable(phased.phases, phased.stepMs).join('\n')}`)
  const epochs: EpochTime[] = await benchWasmEpochs(data, cores > 1 ? [1, 2] : [1])
  if (!values.quick) epochs.push(...(await benchOtherSteps(data, say)))
  say(`\n${epochTable(epochs).join('\n')}`)
  const { gatherGBs, ...peak } = phased.peaks
  results.push({
    data: { name: data.name, users, items, pairs: columns.length },
    peaks: {
      ...peak,
      gatherGBs: { 1500: gatherGBs(1500), [items]: gatherGBs(items), [users]: gatherGBs(users) },
    },
    phases: phased.phases,
    stepMs: phased.stepMs,
    epochs,
  })
}

const report = { nightjar: { version, commit }, at: new Date().toISOString(), machine, seed: 1, results }
// A quick run is for looking at: it does not take the place of a whole one.
const usual = join('test/bench/results', `${report.at.slice(0, 10)}-${commit ?? version}.json`)
const out = values.out ?? (values.quick ? undefined : usual)
if (out !== undefined) {
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`)
  say(`\nkept in ${out}`)
}
if (values.json) console.log(JSON.stringify(report, null, 2))
