import { NightjarError, throwIfCancelled, UsageError } from '../../errors.ts'
import { nightjarVersion } from '../../nightjar-version.ts'
import { openStore } from '../../store/open-store.ts'
import { resumeHint } from './epoch-search.ts'
import { type FigureNumber, figureOf, systemsOfFigure } from './figures.ts'
import { type PrintedDataName, printedData, printedTables } from './printed.ts'
import type { Reproduction } from './report-content.ts'
import type { DataResult } from './results.ts'
import { runSystem, type SystemRuns } from './run-system.ts'
import { readSplitFolder, type SplitFolder } from './split-folder.ts'
import { laterSystemNames, type SystemName, systemNames } from './systems.ts'
import { type TableNumber, tableOf } from './tables.ts'
import { judge, nearnessOfBaselines } from './verdicts.ts'

export interface ReproduceInput extends SystemRuns {
  /** Split folders. One that holds no file at all is taken for data that is not at hand. */
  places: readonly string[]
  tables: readonly TableNumber[]
  figures: readonly FigureNumber[]
  /** Systems to run, of those that the tables and figures need; undefined for all of them. */
  only: readonly SystemName[] | undefined
}

/**
 * Reruns the paper's comparison: every system that the tables and figures need on every data set that is there, once for
 * each seed.
 *
 * @throws UsageError where two folders are of one data set; NightjarError DATA_NONE where no folder is there, and those of
 *   {@link readSplitFolder}; CancelledError
 */
export async function reproduce(input: ReproduceInput): Promise<Reproduction> {
  const { tables, figures, progress, signal, clock } = input
  const data = await readData(input)
  const needed = systemsOf(tables, figures)
  for (const on of data) {
    if (on.split === undefined) continue
    for (const system of needed) {
      throwIfCancelled(signal, resumeHint)
      const isWanted = input.only === undefined || input.only.includes(system)
      on.systems.set(
        system,
        isWanted ? await runSystem(system, { ...on, split: on.split }, input) : { notRun: 'not asked for' },
      )
    }
  }
  progress.start('compare', 1)
  const verdicts = await judge(data, tables, (done, of) => {
    throwIfCancelled(signal, resumeHint)
    progress.update(done / of)
  })
  progress.end()
  return {
    ...nightjarVersion(),
    at: clock.now().toISOString(),
    data,
    tables: tables.map((number) => tableOf(number, data, laterSystemNames)),
    figures: figures.map((number) => figureOf(number, data)),
    verdicts,
    nearness: tables.includes(3) ? nearnessOfBaselines(data) : [],
  }
}

/** The paper's data sets in its order, there or not; then the others. */
async function readData({ places, progress, signal }: ReproduceInput): Promise<DataResult[]> {
  const splits: SplitFolder[] = []
  for (const place of places) {
    throwIfCancelled(signal)
    if ((await openStore(place).list()).length === 0) {
      progress.note(`${place} is not there, or empty: its columns are not run`)
      continue
    }
    const split = await readSplitFolder(place, signal)
    const { users, items, rows } = split.counts
    progress.note(`${split.name}: ${users} users, ${items} items, ${rows} rows`)
    splits.push(split)
  }
  if (splits.length === 0) {
    throw new NightjarError('DATA_NONE', {
      what: `no data: ${places.join(', ')} ${places.length === 1 ? 'is' : 'are'} not there`,
      fix: 'name a folder with train.csv, validation.csv and test.csv by --data; docs/how-to/data.md tells how to make one',
    })
  }
  const ofPaper = (Object.keys(printedData) as PrintedDataName[]).map((name): DataResult => {
    const own = splits.filter((split) => printedName(split) === name)
    if (own.length > 1)
      throw new UsageError(
        `two folders are of ${printedData[name].label}: ${own.map((split) => split.name).join(', ')}`,
      )
    return { label: printedData[name].label, printed: name, split: own[0], systems: new Map() }
  })
  const others = splits
    .filter((split) => printedName(split) === undefined)
    .map((split): DataResult => ({ label: split.name, printed: undefined, split, systems: new Map() }))
  return [...ofPaper, ...others]
}

/** Which of the paper's data sets a folder is taken for, by its name. */
function printedName({ name }: SplitFolder): PrintedDataName | undefined {
  return (Object.keys(printedData) as PrintedDataName[]).find((one) =>
    (printedData[one].folders as readonly string[]).includes(name.toLowerCase()),
  )
}

/** In the order of the list of all systems. */
function systemsOf(tables: readonly TableNumber[], figures: readonly FigureNumber[]): SystemName[] {
  const needed = new Set<SystemName>(figures.flatMap((number) => systemsOfFigure[number]))
  for (const number of tables) {
    if (number === 2) continue
    for (const system of printedTables[number].systems) needed.add(system)
    if (number === 3) for (const system of laterSystemNames) needed.add(system)
  }
  return systemNames.filter((name) => needed.has(name))
}
