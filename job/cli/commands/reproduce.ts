import { join } from 'node:path'
import type { Command } from 'commander'
import { wasmEngine, wasmEngineOn } from '../../engine/wasm/wasm-engine.ts'
import { exitCodes, UsageError } from '../../errors.ts'
import { type FigureNumber, figureNumbers } from '../../experiments/reproduce/figures.ts'
import { OutcomeCache } from '../../experiments/reproduce/outcome-cache.ts'
import { printedData } from '../../experiments/reproduce/printed.ts'
import { reproduce } from '../../experiments/reproduce/reproduce.ts'
import { reproductionFacts } from '../../experiments/reproduce/reproduction-facts.ts'
import { reproductionText } from '../../experiments/reproduce/reproduction-text.ts'
import { type SystemName, systemNames } from '../../experiments/reproduce/systems.ts'
import { type TableNumber, tableNumbers } from '../../experiments/reproduce/tables.ts'
import { writeReport } from '../../experiments/reproduce/write-report.ts'
import { projectRoot } from '../../project-root.ts'
import { openStore } from '../../store/open-store.ts'
import { joinPlace } from '../../store/place.ts'
import { collecting } from '../collecting.ts'
import { action, command, EndWith, oneOf, wholeNumber } from '../command.ts'

interface ReproduceFlags {
  data?: string[]
  table?: TableNumber[]
  figure?: FigureNumber[]
  system?: SystemName[]
  seeds: number
  out: string
  configs?: string
  threads?: number
}

const usualPlaces = Object.keys(printedData).map((name) => `work/splits/${name}`)

export function reproduceCommand(): Command {
  return command(
    'reproduce',
    "rerun the paper's comparison, and write it beside what is printed: report.html and report.md",
    `nightjar reproduce --data work/splits/ml-1m --table 3 --seeds 1
nightjar reproduce --data work/splits/ml-1m --system ease --system ials \\
  --json | jq '.verdicts'`,
  )
    .option(
      '--data <folder>',
      `a folder with train.csv, validation.csv and test.csv; may be given again (default: ${usualPlaces.join(', ')})`,
      collected((text) => text),
    )
    .option(
      '--table <n>',
      `a table of the paper, ${tableNumbers[0]} to ${tableNumbers.at(-1)}; may be given again`,
      collected(numbered('table', tableNumbers)),
    )
    .option(
      '--figure <n>',
      'a figure of the paper: 1, 3 or 4; may be given again',
      collected(numbered('figure', figureNumbers)),
    )
    .option(
      '--system <name>',
      'run this one alone, the others are left out; may be given again',
      collected(oneOf('system', systemNames)),
    )
    .option(
      '--seeds <n>',
      'each model is fitted with the seeds from 1 to this',
      wholeNumber('seeds', 1, 100),
      3,
    )
    .option('-o, --out <folder>', 'where the report and what was fitted for it go', 'work/reproduce')
    .option('--configs <folder>', "options and epochs by data set and system (default: nightjar's own)")
    .option('--threads <n>', 'threads of the wasm engine (default: all cores)', wholeNumber('threads', 1, 64))
    .action(
      action(async ({ clock, progress, signal, result }, flags: ReproduceFlags) => {
        const isAll = flags.table === undefined && flags.figure === undefined
        const found = await reproduce({
          places: flags.data ?? usualPlaces,
          tables: flags.table ?? (isAll ? tableNumbers : []),
          figures: flags.figure ?? (isAll ? figureNumbers : []),
          only: flags.system,
          seeds: flags.seeds,
          configs: openStore(flags.configs ?? join(projectRoot(), 'configs')),
          cache: new OutcomeCache(openStore(joinPlace(flags.out, 'cache'))),
          engine: flags.threads === undefined ? wasmEngine : wasmEngineOn(flags.threads),
          ...{ clock, progress, signal },
        })
        const files = await writeReport(openStore(flags.out), found)
        const places = files.map((file) => joinPlace(flags.out, file))
        result({ ...reproductionFacts(found), files: places }, () =>
          [reproductionText(found), `written to ${joinPlace(flags.out, 'report.html')} and report.md`].join(
            '\n',
          ),
        )
        // The report is there, but not what was asked for.
        const results = found.data.flatMap(({ systems }) => [...systems.values()])
        if (results.some((one) => 'hasFailed' in one)) throw new EndWith(exitCodes.failed)
      }),
    )
}

/** An option that may be given again: its values in ascending order of numbers, each once. */
function collected<T>(parse: (text: string) => T) {
  return collecting((text, before: T[] = []) => {
    const value = parse(text)
    return before.includes(value) ? before : [...before, value].sort((a, b) => Number(a) - Number(b) || 0)
  })
}

function numbered<N extends number>(name: string, numbers: readonly N[]): (text: string) => N {
  return (text) => {
    const number = numbers.find((one) => String(one) === text)
    if (number !== undefined) return number
    throw new UsageError(`invalid ${name}: ${text} (want one of ${numbers.join(', ')})`)
  }
}
