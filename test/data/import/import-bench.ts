import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { systemClock } from '../../../job/clock.ts'
import { type Dataset, openDataset } from '../../../job/data/dataset.ts'
import { importDataset } from '../../../job/data/import/import-dataset.ts'
import type { ImportOptions } from '../../../job/data/import/import-options.ts'
import type { ImportReport } from '../../../job/data/import/import-report.ts'
import { NightjarError } from '../../../job/errors.ts'
import { silentProgress } from '../../../job/progress.ts'
import { openStore } from '../../../job/store/open-store.ts'

/** An interaction with its original ids, as it came out of a dataset. */
export type ReadRow = [user: string, item: string, weight?: number, time?: number]

/** A temp folder to import in, removed after the suite. */
export class ImportBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'nightjar-test-'))
  #count = 0

  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  /** A path that nothing uses yet. */
  fresh(name = 'out'): string {
    return join(this.folder, String(this.#count++), name)
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.fresh(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** Imports files; `out` is a fresh folder where it is not given. */
  async import(
    sources: string | string[],
    options: Partial<Omit<ImportOptions, 'sources' | 'out'>> & { out?: string } = {},
  ): Promise<{ report: ImportReport; out: string; dataset: Dataset; rows: ReadRow[] }> {
    const out = options.out ?? this.fresh()
    const report = await importDataset({
      columns: {},
      hasHeader: true,
      append: false,
      ifNew: false,
      maxRejects: { share: 0.01 },
      clock: systemClock,
      progress: silentProgress,
      ...options,
      sources: [sources].flat(),
      out: openStore(out),
    })
    const dataset = await openDataset(openStore(out))
    return { report, out, dataset, rows: await readRows(dataset) }
  }

  /** Imports what must fail, and returns the error. Nothing may be left where the dataset would be. */
  async failure(
    sources: string | string[],
    options: Parameters<ImportBench['import']>[1] = {},
  ): Promise<NightjarError> {
    const out = options.out ?? this.fresh()
    const before = filesIn(out)
    let failed: unknown
    try {
      await this.import(sources, { ...options, out })
    } catch (error) {
      failed = error
    }
    if (!(failed instanceof NightjarError)) throw new Error('the import did not fail', { cause: failed })
    const after = filesIn(out)
    if (after.join() !== before.join()) throw new Error(`left behind: ${after.join(', ')}`)
    return failed
  }
}

/** Every row of a dataset in order. */
export async function readRows(dataset: Dataset): Promise<ReadRow[]> {
  const users = await dataset.userIds()
  const items = await dataset.items()
  const rows: ReadRow[] = []
  for await (const part of dataset.interactions()) {
    for (let i = 0; i < part.users.length; i++) {
      const row: ReadRow = [users[part.users[i]], items.ids[part.items[i]]]
      if (part.weights !== undefined) row[2] = part.weights[i]
      if (part.times !== undefined) row[3] = Number(part.times[i])
      rows.push(row)
    }
  }
  return rows
}

export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
