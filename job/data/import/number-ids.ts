import type { ItemTable } from '../dataset.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import type { TitleFacts } from './titles.ts'

/** A dataset's ids after an import, by dense index: those it had, then the new ones. */
export interface NumberedIds {
  users: string[]
  items: ItemTable
}

/**
 * Gives every id of `kept` its dense index: the one that it has in the dataset, else the next, in the order in
 * which the ids first stand in the kept rows. The tables `user_index` and `item_index` map keys to it.
 *
 * @param known what the dataset holds already; its ids keep their indexes
 * @param titles what the table `titles` holds, see titles.ts
 */
export async function numberIds(
  session: DuckDbSession,
  known: NumberedIds,
  titles: TitleFacts,
): Promise<NumberedIds> {
  await stageKnown(session, 'user', known.users)
  await stageKnown(session, 'item', known.items.ids, known.items)
  const users = [...known.users]
  await indexSide(session, 'user', known.users.length)
  const newUsers = `SELECT id FROM user_index WHERE position >= ${known.users.length} ORDER BY position`
  for await (const chunk of session.stream(newUsers)) {
    for (const id of chunk.getColumnValues(0)) users.push(id as string)
  }
  await indexSide(session, 'item', known.items.ids.length)
  return { users, items: await itemTable(session, known.items, titles) }
}

async function indexSide(session: DuckDbSession, side: 'user' | 'item', knownCount: number): Promise<void> {
  await session.run(`CREATE TABLE ${side}_index AS
    WITH first AS (SELECT "${side}" AS key, min(row) AS row FROM kept GROUP BY "${side}")
    SELECT first.key, ${side}_key.id, CAST(coalesce(
      known_${side}.position,
      ${knownCount} - 1 + row_number() OVER (PARTITION BY known_${side}.position IS NULL ORDER BY first.row)
    ) AS UINTEGER) AS position
    FROM first JOIN ${side}_key ON ${side}_key.key = first.key
    LEFT JOIN known_${side} ON known_${side}.id = ${side}_key.id`)
}

async function stageKnown(
  session: DuckDbSession,
  side: 'user' | 'item',
  ids: readonly string[],
  texts?: ItemTable,
): Promise<void> {
  await session.run(
    `CREATE TABLE known_${side} (id VARCHAR, position UINTEGER, title VARCHAR, category VARCHAR)`,
  )
  const appender = await session.appender(`known_${side}`)
  ids.forEach((id, index) => {
    // A forgotten user's place, since the dataset was compacted: nobody is to meet it.
    if (side === 'user' && id === '') return
    appender.appendVarchar(id)
    appender.appendUInteger(index)
    appender.appendVarchar(texts?.titles?.[index] ?? '')
    appender.appendVarchar(texts?.categories?.[index] ?? '')
    appender.endRow()
  })
  appender.closeSync()
}

async function itemTable(session: DuckDbSession, known: ItemTable, titles: TitleFacts): Promise<ItemTable> {
  const ids: string[] = []
  const titleTexts: string[] = []
  const categories: string[] = []
  const text = (column: string) => `coalesce(nullif(titles.${column}, ''), item.${column})`
  const chunks = session.stream(`SELECT item.id, ${text('title')}, ${text('category')}
    FROM (
      SELECT id, position, title, category FROM known_item
      UNION ALL SELECT id, position, '', '' FROM item_index WHERE position >= ${known.ids.length}
    ) item LEFT JOIN titles ON titles.id = item.id ORDER BY item.position`)
  for await (const chunk of chunks) {
    for (const id of chunk.getColumnValues(0)) ids.push(id as string)
    for (const title of chunk.getColumnValues(1)) titleTexts.push(title as string)
    for (const category of chunk.getColumnValues(2)) categories.push(category as string)
  }
  const hasTitles = known.titles !== undefined || titles.hasTitle
  const hasCategories = known.categories !== undefined || titles.hasCategory
  return {
    ids,
    ...(hasTitles ? { titles: titleTexts } : {}),
    ...(hasCategories ? { categories } : {}),
  }
}
