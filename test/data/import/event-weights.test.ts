import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseEventWeights } from '../../../job/data/import/event-weights.ts'
import { ImportBench } from './import-bench.ts'

const bench = new ImportBench()
const events = parseEventWeights('buy=1, click=0.25,view=0')
const ms = (minute: number) => Date.UTC(2026, 3, 23, 5, minute)

/** A line as the worker stores it. */
const line = (user: string, item: string, event: string | undefined, minute: number) =>
  `${JSON.stringify({ user_id: user, item_id: item, event, time: new Date(ms(minute)).toISOString(), event_id: `e${minute}` })}\n`

describe('import --events', () => {
  test('an event is looked up as a weight, and one of weight 0 is left out and counted', async () => {
    const source = bench.write(
      'f.jsonl',
      line('u1', 'i1', 'click', 1) + line('u1', 'i2', 'view', 2) + line('u2', 'i2', 'buy', 3),
    )
    const { rows, report, dataset } = await bench.import(source, { events })
    expect(rows).toEqual([
      ['u1', 'i1', 0.25, ms(1)],
      ['u2', 'i2', 1, ms(3)],
    ])
    expect(report).toMatchObject({ rowsRead: 3, rowsKept: 2, ignoredEvents: 1, rejected: 0 })
    expect(dataset.manifest.sources[0]).toMatchObject({ rowsRead: 3, rowsKept: 2, ignoredEvents: 1 })
  })

  test('of several events of a pair the heaviest stands, and of equal ones the newest', async () => {
    const source = bench.write(
      'f.jsonl',
      [
        line('u1', 'i1', 'click', 1),
        line('u1', 'i1', 'buy', 2),
        line('u1', 'i1', 'click', 3),
        line('u2', 'i1', 'click', 5),
        line('u2', 'i1', 'click', 4),
      ].join(''),
    )
    const { rows, report } = await bench.import(source, { events })
    expect(rows).toEqual([
      ['u1', 'i1', 1, ms(2)],
      ['u2', 'i1', 0.25, ms(5)],
    ])
    expect(report.duplicates).toBe(3)
  })

  test('an event without a weight is an error that names it, its rows and its line', async () => {
    const source = bench.write(
      'f.jsonl',
      line('u1', 'i1', 'buy', 1) + line('u1', 'i2', 'wish', 2) + line('u1', 'i3', 'wish', 3),
    )
    const error = await bench.failure(source, { events })
    expect(error.code).toBe('UNKNOWN_EVENT')
    expect(error.message).toContain('"wish" (2 rows, the first at line 2); --events has buy, click, view')
    expect(error.fix).toContain('--events buy=1,click=0.25,view=0,wish=0')
  })

  test('a line without an event is a bad row', async () => {
    const source = bench.write('f.jsonl', line('u1', 'i1', 'buy', 1) + line('u1', 'i2', undefined, 2))
    const { report } = await bench.import(source, { events, maxRejects: { count: 1 } })
    expect(report.rejects).toMatchObject([{ line: 2, column: 'event', reason: 'is empty' }])
    expect(report.rowsRead).toBe(2)
  })

  test('events of a CSV are read as well, by a column that is named', async () => {
    const source = bench.write('f.csv', 'user,item,what\nu1,i1,buy\nu1,i2,view\n')
    const { rows } = await bench.import(source, { events, columns: { event: 'what' } })
    expect(rows).toEqual([['u1', 'i1', 1]])
    expect((await bench.failure(source, { events })).code).toBe('MISSING_COLUMN')
  })

  test('the same file with other weights is the same source', async () => {
    const source = bench.write('f.jsonl', line('u1', 'i1', 'buy', 1))
    const { out } = await bench.import(source, { events })
    const again = { events: parseEventWeights('buy=5'), out, append: true }
    expect((await bench.failure(source, again)).code).toBe('SOURCE_KNOWN')
    expect((await bench.import(source, { ...again, ifNew: true })).report.changed).toBe(false)
  })

  test('appends to a dataset of ratings', async () => {
    const { out } = await bench.import(bench.write('r.csv', 'user,item,rating,time\nu1,i1,5,1\nu2,i2,4,2\n'))
    const { rows, report } = await bench.import(bench.write('f.jsonl', line('u1', 'i2', 'buy', 1)), {
      events,
      out,
      append: true,
    })
    expect(rows.at(-1)).toEqual(['u1', 'i2', 1, ms(1)])
    expect(report).toMatchObject({ newUsers: 0, newItems: 0, interactions: 3, parts: 2 })
  })
})

describe('a folder of JSON lines', () => {
  test('is all of its files, in the order of their names; what is there already may be skipped', async () => {
    const folder = bench.fresh('feedback')
    const put = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    put('b.jsonl', line('u2', 'i2', 'buy', 2))
    put('a.jsonl', line('u1', 'i1', 'buy', 1))
    put('pulled.json', '{}')
    const { out, rows } = await bench.import(folder, { events })
    expect(rows.map(([user]) => user)).toEqual(['u1', 'u2'])
    put('c.jsonl', line('u3', 'i1', 'click', 3))
    const { report, rows: after } = await bench.import(folder, { events, out, append: true, ifNew: true })
    expect(report.skipped.map((name) => name.slice(folder.length + 1))).toEqual(['a.jsonl', 'b.jsonl'])
    expect(after.map(([user]) => user)).toEqual(['u1', 'u2', 'u3'])
  })
})

test.each(['', 'buy', 'buy=', '=1', 'buy=-1', 'buy=x', 'buy=1,', 'buy=1,buy=2'])(
  'parseEventWeights refuses %j',
  (text) => {
    expect(() => parseEventWeights(text)).toThrow('invalid --events')
  },
)
