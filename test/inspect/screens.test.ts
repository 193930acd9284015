import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspect, type Wanted } from '../../job/inspect/inspect.ts'
import { noPaint, paintFor } from '../../job/inspect/screen/paint.ts'
import { clip, padTo, screenWidth, widthOf, wrap } from '../../job/inspect/screen/text.ts'
import { silentProgress } from '../../job/progress.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { writeSafetensors } from '../../job/train/safetensors.ts'
import { makeShopDataset } from '../made-dataset.ts'
import { runWithLists, soundLists } from './made-scores.ts'

const watch = { progress: silentProgress }

async function screenOf(place: string, wanted: Wanted = {}): Promise<string> {
  const { screen } = await inspect(place, wanted, watch)
  const text = screen(noPaint)
  for (const line of text.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(screenWidth)
  return text
}

/** Places differ from run to run, and digests of files that hold a place. */
const shown = (text: string) => text.replace(/\S*nightjar-\S*\n?\s*\S*\/?/g, 'PLACE ')

function nightOf(startedAt: string, kind: string) {
  const configuration = { train: { model: 'ials' }, warmStart: false, foldIn: false, k: 3 }
  return {
    format: 'nightjar-night',
    schemaVersion: 1,
    nightId: 'night',
    plannedAt: startedAt,
    startedAt,
    configuration: { ...configuration, includeSeen: false, withHistories: true },
    outcome: { kind, endedAt: startedAt, why: kind === 'refused' ? 'WORSE: NDCG@10 fell' : 'it is served' },
  }
}

describe('screens of 80 columns', () => {
  it('scores', async () => {
    const { run } = await runWithLists(soundLists())
    expect(shown(await screenOf(join(run, 'scores')))).toMatchSnapshot()
  })

  it('scores with faults', async () => {
    const lists = soundLists()
    lists[2].items[1] = 3
    lists[5].scores[0] = Number.NaN
    const { run } = await runWithLists(lists)
    expect(shown(await screenOf(run, {}))).toMatchSnapshot('run')
    expect(shown(await screenOf(join(run, 'scores')))).toMatchSnapshot('scores')
  })

  it('the run of a blend, with its parts', async () => {
    const { run } = await runWithLists(soundLists())
    const manifest = JSON.parse(await readFile(join(run, 'manifest.json'), 'utf8'))
    const parts = [
      {
        model: 'ials',
        weight: 0.743,
        epochs: 2,
        options: { factors: 48, unobserved: 0.2, l2: 0.0017869499999999998 },
      },
      { model: 'ease', weight: 0.257, epochs: 1, options: { l2: 48000 } },
    ]
    const config = { epochs: 60, windowDays: null, parts }
    await writeFile(join(run, 'manifest.json'), JSON.stringify({ ...manifest, model: 'blend', config }))
    expect(shown(await screenOf(run))).toMatchSnapshot()
  })

  it('a folder of runs and nights, one of them damaged', async () => {
    const { run } = await runWithLists(soundLists())
    const folder = await mkdtemp(join(tmpdir(), 'nightjar-runs-'))
    const nights = ['published', 'refused', 'published'] as const
    for (const [day, outcome] of nights.entries()) {
      const night = join(folder, `2026112${day}T020000Z-aaaaaa`)
      await cp(run, night, { recursive: true })
      const manifest = JSON.parse(await readFile(join(night, 'manifest.json'), 'utf8'))
      const startedAt = `2026-11-2${day}T02:00:01.000Z`
      const validation = { 'ndcg@10': 0.15 + 0.001 * day, 'f1@10': 0.08 }
      await writeFile(join(night, 'manifest.json'), JSON.stringify({ ...manifest, startedAt, validation }))
      await writeFile(join(night, 'night.json'), JSON.stringify(nightOf(startedAt, outcome)))
    }
    await rm(join(folder, '20261121T020000Z-aaaaaa', 'manifest.json'))
    await cp(join(folder, '20261122T020000Z-aaaaaa'), join(folder, '20261123T020000Z-aaaaaa'), {
      recursive: true,
    })
    await rm(join(folder, '20261123T020000Z-aaaaaa', 'manifest.json'))
    await cp(run, join(folder, 'by-hand'), { recursive: true })
    await makeShopDataset(new FileStore(join(folder, 'shop')))
    await cp(run, join(folder, 'damaged'), { recursive: true })
    await writeFile(join(folder, 'damaged', 'manifest.json'), '{"format": "nightjar-run"}')
    expect(shown(await screenOf(folder))).toMatchSnapshot()
  })

  it('user, item, diff and sql', async () => {
    const { run } = await runWithLists(soundLists())
    const lists = soundLists()
    lists[4].items = [0, 1, 2]
    const other = await runWithLists(lists)
    expect(shown(await screenOf(run, { user: 'user-2' }))).toMatchSnapshot('user')
    expect(shown(await screenOf(run, { item: 'item-4' }))).toMatchSnapshot('item')
    expect(shown(await screenOf(run, { diff: other.run }))).toMatchSnapshot('diff')
    const sql = 'select item_id, avg(score) score from scores group by all order by item_id'
    expect(await screenOf(run, { sql })).toMatchSnapshot('sql')
  })

  it('dataset, a foreign Arrow file and a checkpoint', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nightjar-screens-'))
    await makeShopDataset(new FileStore(folder))
    expect(shown(await screenOf(folder))).toMatchSnapshot('dataset')
    expect(shown(await screenOf(join(folder, 'items.arrow')))).toMatchSnapshot('arrow')
    const data = Float32Array.from([1, 2, 3, Number.NaN])
    await writeSafetensors(new FileStore(folder), 'w.safetensors', [{ name: 'a', shape: [2, 2], data }], {
      step: '7',
    })
    const weights = await screenOf(join(folder, 'w.safetensors'))
    expect(weights).toContain('WEIGHT_NOT_FINITE')
    expect(shown(weights)).toMatchSnapshot('weights')
  })

  it('long and wide ids and titles are cut, and control characters do not move the cursor', async () => {
    const wide = '\u65e5\u672c\u8a9e'.repeat(20)
    const { dataset } = await runWithLists(soundLists())
    const sql = `select '${wide}' a, '${'x'.repeat(200)}' b, 'esc' || chr(27) || '[2J' c from users limit 1`
    const text = await screenOf(dataset, { sql })
    expect(text).toContain('…')
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('what is no file that it knows is said to be none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nightjar-screens-'))
    await writeFile(join(folder, 'a.csv'), 'user_id,item_id\n')
    await expect(screenOf(join(folder, 'a.csv'))).rejects.toMatchObject({ code: 'UNKNOWN_KIND' })
    await expect(screenOf(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('colour', () => {
  it('is for terminals alone, and NO_COLOR turns it off', () => {
    expect(paintFor({ isTTY: true }, {}).bad('x')).toBe('\x1b[31mx\x1b[0m')
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' }).bad('x')).toBe('x')
    expect(paintFor({ isTTY: false }, {}).bad('x')).toBe('x')
  })
})

describe('text', () => {
  it('counts columns, not letters', () => {
    expect([widthOf('ab'), widthOf('\u65e5\u672c'), widthOf('e\u0301')]).toEqual([2, 4, 1])
    expect(clip('abcdef', 4)).toBe('abc…')
    expect(padTo('\u65e5', 4)).toBe('\u65e5  ')
    expect(wrap('aa bb ccccccc', 5)).toEqual(['aa bb', 'ccccc', 'cc'])
  })
})
