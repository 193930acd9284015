import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import * as parquet from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { openRun } from '../../job/data/run.ts'
import { exportFormat, type OtherFormat } from '../../job/export/formats/export-format.ts'
import { floatText } from '../../job/export/formats/text-parts.ts'
import { silentProgress } from '../../job/progress.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { flipBit, runWithLists, soundLists } from '../inspect/made-scores.ts'
import { tempFolder } from '../temp-folder.ts'

async function exported(format: OtherFormat, k?: number) {
  const lists = soundLists()
  lists[0].userId = 'say "hi", you'
  const { run } = await runWithLists(lists)
  const before = await new FileStore(run).read('manifest.json')
  const out = new FileStore(await tempFolder())
  const report = await exportFormat({
    ...{ run: await openRun(new FileStore(run)), format, out, progress: silentProgress },
    ...(k === undefined ? {} : { k }),
  })
  expect(await new FileStore(run).read('manifest.json')).toEqual(before)
  return { report, bytes: await readFile(join(out.uri, report.files[0].path)) }
}

const firstRows = [
  ['say "hi", you', 1, 'item-2', 0.9],
  ['say "hi", you', 2, 'item-3', 0.8],
]

describe('exportFormat', () => {
  it('writes CSV, a row an item', async () => {
    const { report, bytes } = await exported('csv')
    expect(report).toMatchObject({ lists: 6, files: [{ path: 'part-00000.csv' }] })
    const lines = bytes.toString().split('\n')
    expect(lines.slice(0, 3)).toEqual([
      'user_id,rank,item_id,score',
      '"say ""hi"", you",1,item-2,0.9',
      '"say ""hi"", you",2,item-3,0.8',
    ])
    expect(lines.length).toBe(1 + 6 * 3 + 1)
  })

  it('writes JSON lines, a line a user, cut to k', async () => {
    const { bytes } = await exported('jsonl', 2)
    const lines = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.length).toBe(6)
    expect(lines[0]).toEqual({ user_id: 'say "hi", you', item_ids: ['item-2', 'item-3'], scores: [0.9, 0.8] })
  })

  it('writes Parquet that another reader reads', async () => {
    const { bytes } = await exported('parquet')
    const table = tableFromIPC(parquet.readParquet(bytes).intoIPCStream())
    const rows = table.toArray().map((row) => [row.user_id, row.rank, row.item_id, row.score])
    expect(rows.length).toBe(18)
    expect(rows.slice(0, 2)).toEqual(
      firstRows.map(([user, rank, item, score]) => [user, rank, item, Math.fround(Number(score))]),
    )
  })

  it('writes nothing from a part that is not what the manifest vouches for', async () => {
    const { run, part } = await runWithLists(soundLists())
    await flipBit(part)
    const out = new FileStore(await tempFolder())
    const options = {
      run: await openRun(new FileStore(run)),
      format: 'csv',
      out,
      progress: silentProgress,
    } as const
    await expect(exportFormat(options)).rejects.toMatchObject({ code: 'SCORES_DAMAGED' })
    expect(await out.list()).toEqual([])
  })

  it('makes no longer lists than were exported', async () => {
    const { run } = await runWithLists(soundLists())
    const options = {
      run: await openRun(new FileStore(run)),
      format: 'csv',
      k: 4,
      progress: silentProgress,
    } as const
    await expect(exportFormat({ ...options, out: new FileStore(run) })).rejects.toMatchObject({
      code: 'K_TOO_LONG',
    })
  })

  it('writes a float32 in as few digits as read back the same', () => {
    for (const text of ['0.7', '-3.25', '1e-10', '123456.79', '0.33333334']) {
      expect(Math.fround(Number(floatText(Math.fround(Number(text)))))).toBe(Math.fround(Number(text)))
    }
    expect(floatText(Math.fround(0.7))).toBe('0.7')
  })
})
