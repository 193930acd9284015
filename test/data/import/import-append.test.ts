import { describe, expect, test } from 'vitest'
import { openDataset } from '../../../job/data/dataset.ts'
import { parseEventWeights } from '../../../job/data/import/event-weights.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { filesIn, ImportBench, readRows } from './import-bench.ts'

const bench = new ImportBench()
const monday = 'user,item,time\nu1,i1,1\nu2,i2,2\n'
const tuesday = 'user,item,time\nu3,i2,3\nu1,i3,4\nu1,i1,5\n'

describe('--append', () => {
  test('adds a part and new ids at the end; no index changes its id, and the digest of before can be told', async () => {
    const { out, dataset: before, report: first } = await bench.import(bench.write('mon.csv', monday))
    const { report, rows, dataset } = await bench.import(bench.write('tue.csv', tuesday), {
      out,
      append: true,
    })
    expect(rows).toEqual(
      [
        ['u1', 'i1', undefined, 1000],
        ['u2', 'i2', undefined, 2000],
        ['u3', 'i2', undefined, 3000],
        ['u1', 'i3', undefined, 4000],
        ['u1', 'i1', undefined, 5000],
      ].map(([user, item, , time]) => Object.assign([user, item], { 3: time })),
    )
    expect(await dataset.userIds()).toEqual(['u1', 'u2', 'u3'])
    expect((await dataset.items()).ids).toEqual(['i1', 'i2', 'i3'])
    expect(dataset.digestAt(before.extent)).toBe(first.digest)
    expect(report).toMatchObject({
      users: 3,
      newUsers: 1,
      items: 3,
      newItems: 1,
      rowsKept: 3,
      interactions: 5,
    })
    expect(dataset.manifest.createdAt).toBe(before.manifest.createdAt)
  })

  test('a reader that opened the dataset before goes on reading what it opened', async () => {
    const { out, dataset: before } = await bench.import(bench.write('mon.csv', monday))
    await bench.import(bench.write('tue.csv', tuesday), { out, append: true })
    expect(await before.userIds()).toEqual(['u1', 'u2'])
    expect(await readRows(before)).toHaveLength(2)
  })

  test('keeps the id files of now and of before, and no older ones', async () => {
    const { out } = await bench.import(bench.write('0.csv', monday))
    for (let n = 1; n <= 3; n++) {
      await bench.import(bench.write('n.csv', `user,item,time\nnew${n},i1,${n}\n`), { out, append: true })
    }
    expect(filesIn(out).filter((name) => !name.startsWith('interactions'))).toEqual([
      'items.arrow',
      'manifest.json',
      'users-00002.arrow',
      'users-00003.arrow',
    ])
    expect(await (await openDataset(openStore(out))).userIds()).toEqual(['u1', 'u2', 'new1', 'new2', 'new3'])
  })

  test('brings titles later, and a new title replaces the old one', async () => {
    const items = (text: string) => bench.write('titles.csv', `item_id,title\n${text}\n`)
    const { out } = await bench.import(bench.write('mon.csv', monday))
    await bench.import(bench.write('a.csv', 'user,item,time\nu1,i2,9\n'), {
      out,
      append: true,
      items: items('i1,One\ni2,Two'),
    })
    const { dataset } = await bench.import(bench.write('b.csv', 'user,item,time\nu1,i4,9\n'), {
      out,
      append: true,
      items: items('i2,Deux'),
    })
    expect(await dataset.items()).toEqual({ ids: ['i1', 'i2', 'i4'], titles: ['One', 'Deux', ''] })
  })

  test('obeys the rating by which the dataset was made, and refuses another', async () => {
    const { out } = await bench.import(bench.write('a.csv', 'user,item,rating\nu,i,5\n'), { minRating: 4 })
    const more = bench.write('b.csv', 'user,item,rating\nu,j,3\nu,k,4\n')
    expect((await bench.failure(more, { out, append: true, minRating: 3 })).code).toBe('USAGE')
    const { rows } = await bench.import(more, { out, append: true })
    expect(rows.map(([, item]) => item)).toEqual(['i', 'k'])
  })

  test('refuses a source without a column that the dataset has, and leaves out one that it has not', async () => {
    const { out } = await bench.import(bench.write('mon.csv', monday))
    const without = bench.write('b.csv', 'user,item\nu,j\n')
    expect((await bench.failure(without, { out, append: true })).code).toBe('COLUMNS_DIFFER')
    const more = bench.write('c.csv', 'user,item,rating,time\nu,j,3,7\n')
    const { report, rows } = await bench.import(more, { out, append: true })
    expect(report.droppedColumns).toEqual(['rating'])
    expect(rows.at(-1)).toEqual(Object.assign(['u', 'j'], { 3: 7000 }))
  })

  test('a night without rows changes nothing', async () => {
    const { out, report: first } = await bench.import(bench.write('mon.csv', monday))
    const before = filesIn(out)
    const empty = bench.write('tue.csv', 'user,item,time\n')
    for (let night = 0; night < 2; night++) {
      const { report } = await bench.import(empty, { out, append: true })
      expect(report).toMatchObject({ changed: false, digest: first.digest, rowsRead: 0 })
    }
    expect(filesIn(out)).toEqual(before)
  })
})

describe('the same source twice', () => {
  test('is refused, whatever its name', async () => {
    const { out } = await bench.import(bench.write('mon.csv', monday))
    const error = await bench.failure(bench.write('copy.csv', monday), { out, append: true })
    expect(error.code).toBe('SOURCE_KNOWN')
    expect(error.message).toContain('imported as mon.csv')
    expect(error.fix).toContain('--if-new')
    const twice = [bench.write('a.csv', monday), bench.write('b.csv', monday)]
    expect((await bench.failure(twice)).code).toBe('SOURCE_KNOWN')
  })

  test('is skipped with --if-new, beside files that are new', async () => {
    const mon = bench.write('mon.csv', monday)
    const { out, report: first } = await bench.import(mon)
    const again = await bench.import(mon, { out, append: true, ifNew: true })
    expect(again.report).toMatchObject({ changed: false, skipped: [mon], digest: first.digest })
    const both = await bench.import([mon, bench.write('tue.csv', tuesday)], {
      out,
      append: true,
      ifNew: true,
    })
    expect(both.report).toMatchObject({ changed: true, skipped: [mon], rowsKept: 3 })
  })

  test('--append --if-new makes the dataset on the first night', async () => {
    const options = { out: bench.fresh(), append: true, ifNew: true }
    expect((await bench.import(bench.write('mon.csv', monday), options)).report.changed).toBe(true)
    expect((await bench.import(bench.write('mon.csv', monday), options)).report.changed).toBe(false)
    expect((await bench.import(bench.write('tue.csv', tuesday), options)).report.interactions).toBe(5)
  })

  test('--if-new alone skips a known source, and adds nothing to a dataset that is there', async () => {
    const { out } = await bench.import(bench.write('mon.csv', monday))
    expect((await bench.import(bench.write('mon.csv', monday), { out, ifNew: true })).report.changed).toBe(
      false,
    )
    expect((await bench.failure(bench.write('tue.csv', tuesday), { out, ifNew: true })).code).toBe(
      'DATASET_EXISTS',
    )
  })

  test('read by another column of ratings or times, or none, is the same rows', async () => {
    const text = 'user,item,event,time,later\nu,i,buy,1,2\n'
    const source = bench.write('a.csv', text)
    const { out, report: first } = await bench.import(source)
    const events = parseEventWeights('buy=1')
    for (const change of [{ events }, { columns: { time: 'later' } }, { columns: { time: 'none' } }]) {
      const error = await bench.failure(source, { out, append: true, ...change })
      expect(error.code).toBe('SOURCE_KNOWN')
      expect(error.message).toContain('read with another column of ratings, events or times')
      expect(error.fix).toContain('a new folder')
      const { report } = await bench.import(source, { out, append: true, ifNew: true, ...change })
      expect(report).toMatchObject({ changed: false, skipped: [source], digest: first.digest })
    }
  })

  test('read by other columns of users or items is another source', async () => {
    const text = 'user,item,buyer,time\nu,i,b,1\n'
    const { out } = await bench.import(bench.write('a.csv', text))
    const { rows } = await bench.import(bench.write('a.csv', text), {
      out,
      append: true,
      columns: { user: 'buyer' },
    })
    expect(rows.map(([user]) => user)).toEqual(['u', 'b'])
  })
})
