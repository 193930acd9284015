import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../job/errors.ts'
import { inspect, type Wanted } from '../../job/inspect/inspect.ts'
import type { DiffReport } from '../../job/inspect/scores/diff-scores.ts'
import type { ItemReport } from '../../job/inspect/scores/one-item.ts'
import type { UserReport } from '../../job/inspect/scores/one-user.ts'
import type { SqlReport } from '../../job/inspect/sql/query.ts'
import { silentProgress } from '../../job/progress.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { writeSafetensors } from '../../job/train/safetensors.ts'
import { runWithLists, soundLists } from './made-scores.ts'

const watch = { progress: silentProgress }
const look = async <Report>(place: string, wanted: Wanted) =>
  (await inspect(place, wanted, watch)).data as Report

describe('--user', () => {
  it("shows a user's history, newest first, and the list with titles", async () => {
    const { run } = await runWithLists(soundLists())
    const { history, list } = await look<UserReport>(run, { user: 'user-2' })
    expect(history?.map(({ itemId }) => itemId)).toEqual(['item-3', 'item-2'])
    expect(list?.map(({ rank, itemId, title }) => [rank, itemId, title])).toEqual([
      [1, 'item-4', 'Title 4'],
      [2, 'item-5', 'Title 5'],
      [3, 'item-6', 'Title 6'],
    ])
    expect(list?.[0].score).toBeCloseTo(0.9)
  })

  it('marks what the user had already', async () => {
    const lists = soundLists()
    lists[2].items[1] = 3
    const { run } = await runWithLists(lists)
    const { list } = await look<UserReport>(run, { user: 'user-2' })
    expect(list?.map(({ isSeen }) => isSeen)).toEqual([false, true, false])
  })

  it('refuses an id that is only a part of others', async () => {
    const { run, dataset } = await runWithLists(soundLists())
    await expect(inspect(run, { user: 'user-' }, watch)).rejects.toMatchObject({ code: 'UNKNOWN_USER' })
    await expect(inspect(dataset, { user: '' }, watch)).rejects.toMatchObject({ code: 'UNKNOWN_USER' })
  })
})

describe('--item', () => {
  it('counts who gets an item and who has it, and names what stands beside it', async () => {
    const { run } = await runWithLists(soundLists())
    const { lists, histories } = await look<ItemReport>(run, { item: 'item-4' })
    // Lists of users 0, 1 and 2 hold item 4: at ranks 3, 2 and 1.
    expect(lists).toMatchObject({ count: 3, share: 0.5, meanRank: 2, byRank: [1, 1, 1] })
    expect(lists?.users.map(({ userId, rank }) => [userId, rank])).toEqual([
      ['user-0', 3],
      ['user-1', 2],
      ['user-2', 1],
    ])
    expect(lists?.companions.map(({ itemId, together }) => [itemId, together])).toContainEqual(['item-3', 2])
    expect(histories?.users).toBe(2)
    expect(histories?.companions.map(({ itemId }) => itemId).sort()).toEqual(['item-3', 'item-5'])
  })

  it('needs no run: a dataset tells who has it', async () => {
    const { dataset } = await runWithLists(soundLists())
    const { lists, histories } = await look<ItemReport>(dataset, { item: 'item-1' })
    expect([lists, histories?.users]).toEqual([null, 2])
    await expect(inspect(dataset, { item: 'nothing' }, watch)).rejects.toMatchObject({ code: 'UNKNOWN_ITEM' })
  })
})

describe('--diff', () => {
  it('finds equal lists equal', async () => {
    const [now, before] = [await runWithLists(soundLists()), await runWithLists(soundLists())]
    const diff = await look<DiffReport>(now.run, { diff: before.run })
    expect(diff).toMatchObject({ sameLists: 6, correlation: 1, rose: [], fell: [] })
    expect(diff.overlaps.every(({ mean }) => mean === 1)).toBe(true)
  })

  it('tells overlap, order, what rose and fell, and who changed most', async () => {
    const lists = soundLists()
    lists[1].items = [5, 4, 3] // was 3, 4, 5: the same items the other way round
    lists[4].items = [0, 1, 2] // was 6, 7, 0
    const [now, before] = [await runWithLists(lists), await runWithLists(soundLists())]
    const diff = await look<DiffReport>(join(now.run, 'scores'), { diff: join(before.run, 'scores') })
    expect(diff.overlaps).toEqual([
      { depth: 1, mean: 4 / 6 },
      { depth: 3, mean: expect.closeTo((5 + 1 / 3) / 6) },
    ])
    // Of the five lists that share two items and more, four have rho 1 and one -1.
    expect(diff.correlation).toBeCloseTo(3 / 5)
    expect(diff.rose.map(({ itemId, before, now }) => [itemId, before, now])).toContainEqual(['item-1', 1, 2])
    expect(diff.fell.map(({ itemId }) => itemId)).toEqual(['item-7', 'item-6'])
    expect(diff.changedMost[0]).toMatchObject({ userId: 'user-4', overlap: 1 / 3, correlation: null })
  })

  it('matches users by id and counts who is in one of both', async () => {
    const [some, all] = [await runWithLists(soundLists().slice(2)), await runWithLists(soundLists())]
    const { users } = await look<DiffReport>(all.run, { diff: some.run })
    expect(users).toEqual({ both: 4, onlyHere: 2, onlyThere: 0 })
  })
})

describe('--sql', () => {
  it('answers over scores, items and interactions', async () => {
    const { run } = await runWithLists(soundLists())
    const sql =
      'select title, count(*) from scores join items using (item_id) where rank = 1 group by all order by title limit 2'
    const { columns, rows } = await look<SqlReport>(run, { sql })
    expect(columns.map(({ name }) => name)).toEqual(['title', 'count_star()'])
    expect(rows).toEqual([
      ['Title 2', 1],
      ['Title 3', 1],
    ])
    const seen = 'select count(*) from interactions semi join scores using (user_id, item_id)'
    expect((await look<SqlReport>(run, { sql: seen })).rows).toEqual([[0]])
  })

  it('answers over any Arrow file as the table file', async () => {
    const { dataset } = await runWithLists(soundLists())
    const { rows } = await look<SqlReport>(join(dataset, 'items.arrow'), {
      sql: 'select max(item_id), count(*) from file',
    })
    expect(rows).toEqual([['item-7', 8]])
  })

  it('reaches no other file, and names the tables where the query is wrong', async () => {
    const { run } = await runWithLists(soundLists())
    const refused = (sql: string) => expect(inspect(run, { sql }, watch)).rejects
    await refused(`select * from read_csv('/etc/passwd')`).toThrow(UsageError)
    await refused('select * from nothing').toMatchObject({
      fix: expect.stringContaining('scores(user_id, rank'),
    })
  })
})

describe('options that do not fit', () => {
  it.each([
    ['weights', { user: 'u' }, /checkpoint.*fits score files, a run, a dataset/],
    ['../dataset', { diff: 'x' }, /a dataset.*fits score files, a run/],
    ['../dataset/items.arrow', { item: 'i' }, /another Arrow file/],
  ])('%s: wrong use, with what they fit', async (path, wanted, message) => {
    const { run } = await runWithLists(soundLists())
    if (path === 'weights') {
      await writeSafetensors(new FileStore(run), 'weights', [], {})
    }
    await expect(inspect(join(run, path), wanted, watch)).rejects.toThrow(message)
    await expect(inspect(join(run, path), wanted, watch)).rejects.toThrow(UsageError)
  })

  it('two questions at once: wrong use', async () => {
    await expect(inspect('x', { user: 'u', item: 'i' }, watch)).rejects.toThrow(
      '--user and --item do not go together',
    )
  })
})
