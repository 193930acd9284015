import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DuckDbSession } from '../../../job/data/import/duckdb-session.ts'
import { stageFast } from '../../../job/data/import/fast-path.ts'
import { InteractionSink } from '../../../job/data/import/interaction-sink.ts'
import { columnList, type PlannedSource, planSource } from '../../../job/data/import/plan-source.ts'
import { readRows } from '../../../job/data/import/read-rows.ts'
import { RejectLog } from '../../../job/data/import/reject-log.ts'
import { openSource } from '../../../job/data/import/source.ts'
import { createStaging } from '../../../job/data/import/staging.ts'
import { surveySource } from '../../../job/data/import/survey.ts'
import { ImportBench } from './import-bench.ts'

const bench = new ImportBench()

async function plan(session: DuckDbSession, file: string): Promise<PlannedSource> {
  const { interactions } = await openSource(file)
  return planSource(session, interactions, await surveySource(interactions), {}, true)
}

/** Stages a file both ways: by DuckDB (undefined where it declines), and row by row. */
async function bothWays(file: string) {
  const session = await DuckDbSession.open()
  try {
    const staged = async () => {
      const rows = await session.rows('SELECT * FROM staged ORDER BY row')
      await session.run('DROP TABLE staged')
      return rows
    }
    const planned = await plan(session, file)
    await createStaging(session)
    const count = await stageFast(session, planned, 3, 10)
    const fast = await staged()

    await createStaging(session)
    const appender = await session.appender('staged')
    const rejects = new RejectLog()
    const { source, layout, columns } = planned
    const sink = new InteractionSink({ columns, file, sourceIndex: 3, appender, rejects, nextRow: 10 })
    await readRows({ source, layout, columns: columnList(columns), handler: sink, session })
    appender.closeSync()
    return { fast: count === undefined ? undefined : fast, slow: await staged(), rejects }
  } finally {
    session.close()
  }
}

describe('the fast path', () => {
  test('takes a plain file', async () => {
    const file = bench.write('a.csv', 'user,item,rating,time\nu,i,4.5,1600000000\n7, x ,3,1600000000000\n')
    const { fast, slow } = await bothWays(file)
    expect(fast).toHaveLength(2)
    expect(fast).toEqual(slow)
  })

  test('takes empty columns beyond the last, as the row by row reader does', async () => {
    const { fast, slow } = await bothWays(bench.write('a.csv', 'user,item\nu,i,\nv,i,,\n'))
    expect(fast).toHaveLength(2)
    expect(fast).toEqual(slow)
  })

  test('declines a file with a bad row, and leaves nothing staged', async () => {
    for (const bad of [',i,1,1', 'u,,1,1', 'u,i,x,1', 'u,i,1,soon', 'u,i,1', 'u,i,1,1,1', ' ']) {
      const { fast, slow, rejects } = await bothWays(
        bench.write('a.csv', `user,item,rating,time\nu,i,1,1\n${bad}\nv,i,1,1\n`),
      )
      expect(fast, bad).toBeUndefined()
      expect(slow, bad).toHaveLength(2)
      expect(rejects.kept.map(({ line, text }) => [line, text])).toEqual([[3, bad]])
    }
  })

  test('takes rows as the row by row reader does, whenever it takes them at all', async () => {
    const piece = fc.constantFrom(
      ...[
        '',
        ' ',
        'a',
        '7',
        '-1',
        '4.5',
        '.5',
        '5.',
        '1e3',
        '1_000',
        'nan',
        'inf',
        '0x1',
        '+1',
        '007',
        'é',
        '\\',
        "'",
      ],
      ...[
        '1600000000',
        '1600000000000',
        '1600000000000000',
        '99999999999',
        '100000000000',
        '2020-01-01',
        '1.5',
      ],
      ...['4.1', '3.000', '123456789.123456789', '16777217', '1e39', '0.1', '\t', '#', ';', '\ufeffx'],
    )
    const good = fc.tuple(
      fc.constantFrom('u1', 'u2', ' 3', 'NULL'),
      fc.constantFrom('i1', '😀', '#x'),
      fc.oneof(
        fc.float({ noNaN: true, min: 0, max: 100 }).map(String),
        fc.double({ noNaN: true }).map(String),
      ),
      fc.oneof(fc.integer({ min: 0, max: 2e9 }), fc.integer({ min: 0, max: 2e13 })).map(String),
    )
    const row = fc.oneof(
      { arbitrary: good, weight: 12 },
      { arbitrary: fc.array(piece, { minLength: 4, maxLength: 4 }), weight: 1 },
      { arbitrary: fc.array(piece, { maxLength: 6 }), weight: 1 },
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, lineEnd, ends) => {
          const lines = ['user,item,rating,time', ...rows.map((fields) => fields.join(','))]
          const file = bench.write('a.csv', lines.join(lineEnd) + (ends ? lineEnd : ''))
          const { fast, slow, rejects } = await bothWays(file)
          if (fast === undefined) return
          taken++
          expect(rejects.count).toBe(0)
          expect(fast).toEqual(slow)
        },
      ),
      { numRuns: 60 },
    )
    expect(taken).toBeGreaterThan(5)
  })
})
