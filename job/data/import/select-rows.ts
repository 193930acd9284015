import { type Progress, silentProgress } from '../../progress.ts'
import type { DuckDbSession } from './duckdb-session.ts'

/** What became of a source's staged rows. Each row is counted once, under the first rule that drops it. */
export interface RowCounts {
  duplicates: number
  belowMinRating: number
  belowMinCount: number
  kept: number
}

/**
 * Chooses among the staged rows; the table `kept` holds the result: `row`, `source`, `weight`, `time`, and
 * for `user` and `item` a number in place of the id, which `user_key` and `item_key` map back.
 *
 * In this order: repeated pairs are folded into the newest (without times, or at equal times, the last), with
 * `heaviest` into the newest of the heaviest, for a view takes no purchase back;
 * ratings below `minRating` go; then users and items with fewer than `minCount` rows, again and again until
 * all that are left have that many (the k-core, which is the same in whatever order one goes).
 *
 * @returns counts by source, in the order of the sources
 */
export async function selectRows(
  session: DuckDbSession,
  rules: {
    hasTime: boolean
    heaviest?: boolean
    minRating?: number | undefined
    minCount?: number | undefined
    sources: number
  },
  progress: Progress = silentProgress,
): Promise<RowCounts[]> {
  await keyIds(session)
  const countKept = async () => {
    const counts = new Array<number>(rules.sources).fill(0)
    for (const [source, count] of await session.rows('SELECT source, count(*) FROM kept GROUP BY source')) {
      counts[Number(source)] = Number(count)
    }
    return counts
  }
  const staged = await countKept()
  await foldRepeats(session, rules)
  const folded = await countKept()
  if (rules.minRating !== undefined) {
    await session.run(`DELETE FROM kept WHERE weight < ${Math.fround(rules.minRating)}`)
  }
  const rated = await countKept()
  if (rules.minCount !== undefined) await keepCore(session, rules.minCount, progress)
  const kept = await countKept()
  return kept.map((count, i) => ({
    duplicates: staged[i] - folded[i],
    belowMinRating: folded[i] - rated[i],
    belowMinCount: rated[i] - count,
    kept: count,
  }))
}

/** Puts numbers for ids: the row in which an id first stands. */
async function keyIds(session: DuckDbSession): Promise<void> {
  for (const side of ['user', 'item']) {
    await session.run(
      `CREATE TABLE ${side}_key AS SELECT "${side}" AS id, min(row) AS key FROM staged GROUP BY "${side}"`,
    )
  }
  await session.run(`CREATE TABLE kept AS
    SELECT staged.row, source, user_key.key AS "user", item_key.key AS item, weight, time
    FROM staged JOIN user_key ON user_key.id = staged."user" JOIN item_key ON item_key.id = staged.item`)
  await session.run('DROP TABLE staged')
}

async function foldRepeats(
  session: DuckDbSession,
  { hasTime, heaviest = false }: { hasTime: boolean; heaviest?: boolean },
): Promise<void> {
  const order = `${heaviest ? 'weight DESC, ' : ''}${hasTime ? 'time DESC, ' : ''}row DESC`
  // Repeats are few in most sources: find them first, and put only those in order.
  await session.run(`CREATE TABLE repeated AS
    SELECT "user", item FROM kept GROUP BY "user", item HAVING count(*) > 1`)
  await session.run(`DELETE FROM kept WHERE row IN (
    SELECT row FROM kept SEMI JOIN repeated USING ("user", item)
    QUALIFY row_number() OVER (PARTITION BY "user", item ORDER BY ${order}) > 1)`)
  await session.run('DROP TABLE repeated')
}

async function keepCore(session: DuckDbSession, minCount: number, progress: Progress): Promise<void> {
  const few = (side: string) => `SELECT "${side}" FROM kept GROUP BY "${side}" HAVING count(*) < ${minCount}`
  for (let round = 1; ; round++) {
    const dropped = await session.run(
      `DELETE FROM kept WHERE "user" IN (${few('user')}) OR item IN (${few('item')})`,
    )
    if (dropped === 0) return
    progress.note(`min-count ${minCount}: round ${round} dropped ${dropped} rows`)
  }
}
