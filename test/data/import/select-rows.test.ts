import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DuckDbSession } from '../../../job/data/import/duckdb-session.ts'
import { selectRows } from '../../../job/data/import/select-rows.ts'
import { createStaging } from '../../../job/data/import/staging.ts'

interface Row {
  source: number
  user: string
  item: string
  weight: number
  time: number
}

interface Rules {
  hasTime: boolean
  minRating?: number | undefined
  minCount?: number | undefined
}

/** What selectRows says it does, by plain loops: the numbers of the rows that are kept, and the counts. */
function selectPlainly(rows: Row[], rules: Rules) {
  const counts = [0, 1].map(() => ({ duplicates: 0, belowMinRating: 0, belowMinCount: 0, kept: 0 }))
  const newest = new Map<string, number>()
  rows.forEach((row, n) => {
    const pair = `${row.user} ${row.item}`
    const before = newest.get(pair)
    if (before === undefined || !rules.hasTime || row.time >= rows[before].time) newest.set(pair, n)
  })
  let kept = [...rows.keys()].filter((n) => newest.get(`${rows[n].user} ${rows[n].item}`) === n)
  for (const n of rows.keys()) if (!kept.includes(n)) counts[rows[n].source].duplicates++
  const drop = (reason: 'belowMinRating' | 'belowMinCount', isDropped: (row: Row) => boolean) => {
    for (const n of kept) if (isDropped(rows[n])) counts[rows[n].source][reason]++
    const before = kept.length
    kept = kept.filter((n) => !isDropped(rows[n]))
    return before !== kept.length
  }
  const { minRating, minCount } = rules
  if (minRating !== undefined) drop('belowMinRating', (row) => row.weight < minRating)
  if (minCount !== undefined) {
    // One user or item at a time, where selectRows takes all at once: the core is the same.
    for (let again = true; again; ) {
      const few = (side: 'user' | 'item') =>
        kept
          .map((n) => rows[n][side])
          .find((id) => kept.filter((n) => rows[n][side] === id).length < minCount)
      const user = few('user')
      const item = few('item')
      again =
        user !== undefined
          ? drop('belowMinCount', (row) => row.user === user)
          : item !== undefined && drop('belowMinCount', (row) => row.item === item)
    }
  }
  for (const n of kept) counts[rows[n].source].kept++
  return { kept, counts }
}

async function select(rows: Row[], rules: Rules) {
  const session = await DuckDbSession.open()
  try {
    await createStaging(session)
    const appender = await session.appender('staged')
    rows.forEach((row, n) => {
      appender.appendUInteger(n)
      appender.appendUInteger(row.source)
      appender.appendVarchar(row.user)
      appender.appendVarchar(row.item)
      appender.appendFloat(row.weight)
      appender.appendBigInt(BigInt(row.time))
      appender.endRow()
    })
    appender.closeSync()
    const counts = await selectRows(session, { ...rules, sources: 2 })
    const kept = await session.rows('SELECT row FROM kept ORDER BY row')
    return { kept: kept.map(([row]) => Number(row)), counts }
  } finally {
    session.close()
  }
}

const row = fc.record({
  user: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  item: fc.constantFrom('p', 'q', 'r', 's', 't'),
  weight: fc.integer({ min: 1, max: 5 }),
  time: fc.integer({ min: -2, max: 2 }),
})

describe('selectRows', () => {
  test('folds, filters and finds the k-core as plain loops do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.record({
          hasTime: fc.boolean(),
          minRating: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
          minCount: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        }),
        async (drawn, rules) => {
          const rows = drawn.map((one, n) => ({ ...one, source: n < drawn.length / 2 ? 0 : 1 }))
          expect(await select(rows, rules)).toEqual(selectPlainly(rows, rules))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('peels a chain to nothing, one end after the other', async () => {
    const chain = Array.from({ length: 40 }, (_, n) => ({
      source: 0,
      user: `u${Math.floor(n / 2)}`,
      item: `i${Math.floor((n + 1) / 2)}`,
      weight: 1,
      time: 0,
    }))
    const { kept, counts } = await select(chain, { hasTime: false, minCount: 2 })
    expect(kept).toEqual([])
    expect(counts[0].belowMinCount).toBe(40)
  })
})
