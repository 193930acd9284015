import type { Dataset } from '../../data/dataset.ts'
import type { DuckDbSession } from '../../data/import/duckdb-session.ts'
import { fill } from '../../export/score-rows.ts'

/** The tables of a dataset, as a person reads them. */
export function datasetTables({ manifest: { columns } }: Dataset): string[] {
  const more = columns.filter((name) => name === 'weight' || name === 'time')
  return [
    'users(user_id)',
    'items(item_id, title, category)',
    `interactions(${['user_id', 'item_id', ...more].join(', ')})`,
  ]
}

/** Fills the tables that are wanted; forgotten users are in none. */
export async function loadDataset(
  session: DuckDbSession,
  dataset: Dataset,
  wants: (table: string) => boolean,
): Promise<void> {
  const needsRows = wants('interactions')
  if (needsRows || wants('users')) await loadUsers(session, dataset)
  if (needsRows || wants('items')) await loadItems(session, dataset)
  if (needsRows) await loadInteractions(session, dataset)
}

async function loadUsers(session: DuckDbSession, dataset: Dataset): Promise<void> {
  const { INTEGER, VARCHAR } = await import('@duckdb/node-api')
  const ids = await dataset.userIds()
  await session.run('CREATE TABLE user_ids ("user" INTEGER, user_id VARCHAR)')
  await fill(session, 'user_ids', [INTEGER, VARCHAR], ids.length, (from, to) => [
    numbers(from, to),
    ids.slice(from, to),
  ])
  await session.run("CREATE VIEW users AS SELECT user_id FROM user_ids WHERE user_id <> ''")
}

async function loadItems(session: DuckDbSession, dataset: Dataset): Promise<void> {
  const { INTEGER, VARCHAR } = await import('@duckdb/node-api')
  const { ids, titles, categories } = await dataset.items()
  const none = ids.map(() => null)
  await session.run('CREATE TABLE item_ids (item INTEGER, item_id VARCHAR, title VARCHAR, category VARCHAR)')
  await fill(session, 'item_ids', [INTEGER, VARCHAR, VARCHAR, VARCHAR], ids.length, (from, to) => [
    numbers(from, to),
    ...[ids, titles ?? none, categories ?? none].map((texts) => texts.slice(from, to)),
  ])
  await session.run('CREATE VIEW items AS SELECT item_id, title, category FROM item_ids')
}

async function loadInteractions(session: DuckDbSession, dataset: Dataset): Promise<void> {
  const { INTEGER, FLOAT, DOUBLE } = await import('@duckdb/node-api')
  const has = (name: 'weight' | 'time') => dataset.manifest.columns.includes(name)
  const [hasWeight, hasTime] = [has('weight'), has('time')]
  const more = `${hasWeight ? ', weight FLOAT' : ''}${hasTime ? ', ms DOUBLE' : ''}`
  await session.run(`CREATE TABLE interaction_rows ("user" INTEGER, item INTEGER${more})`)
  const types = [INTEGER, INTEGER, ...(hasWeight ? [FLOAT] : []), ...(hasTime ? [DOUBLE] : [])]
  for await (const { users, items, weights, times } of dataset.interactions()) {
    await fill(session, 'interaction_rows', types, users.length, (from, to) => [
      users.subarray(from, to),
      items.subarray(from, to),
      ...(weights === undefined ? [] : [weights.subarray(from, to)]),
      ...(times === undefined ? [] : [Float64Array.from(times.subarray(from, to), Number)]),
    ])
  }
  const shown = `${hasWeight ? ', weight' : ''}${hasTime ? ', epoch_ms(CAST(ms AS BIGINT)) AS time' : ''}`
  await session.run(
    `CREATE VIEW interactions AS SELECT user_id, item_id${shown} FROM interaction_rows JOIN user_ids USING ("user") JOIN item_ids USING (item)`,
  )
}

function numbers(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, n) => from + n)
}
