import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../job/inspect/fault.ts'
import { inspect } from '../../job/inspect/inspect.ts'
import type { ScoreReport } from '../../job/inspect/scores/survey-scores.ts'
import { silentProgress } from '../../job/progress.ts'
import { FileStore } from '../../job/store/file-store.ts'
import { callCli } from '../cli/call-cli.ts'
import { makeDataset } from '../made-dataset.ts'
import { flipBit, type PlantedList, runWithLists, soundLists } from './made-scores.ts'

const watch = { progress: silentProgress }

async function faultsAt(place: string) {
  const { data } = await inspect(place, {}, watch)
  return (data as ScoreReport).faults
}

async function faultsOf(change: (lists: PlantedList[]) => unknown) {
  const lists = soundLists()
  const changed = change(lists)
  const { run } = await runWithLists(Array.isArray(changed) ? changed : lists)
  return faultsAt(join(run, 'scores'))
}

const one = (name: FaultName, example: RegExp) => [
  expect.objectContaining({ name, count: 1, examples: [expect.stringMatching(example)] }),
]

describe('faults of score files', () => {
  it('a sound run has none', async () => {
    expect(await faultsOf((lists) => lists)).toEqual([])
  })

  it('SEEN_ITEMS: a list holds what its user has', async () => {
    const faults = await faultsOf((lists) => {
      lists[2].items[1] = 3
    })
    expect(faults).toEqual(one('SEEN_ITEMS', /user-2.*item-3 at rank 2/))
  })

  it('DUPLICATE_ITEMS: a list holds an item twice', async () => {
    const faults = await faultsOf((lists) => {
      lists[1].items[2] = lists[1].items[0]
    })
    expect(faults).toEqual(one('DUPLICATE_ITEMS', /user-1: item item-3 at rank 3 and 1/))
  })

  it('MISSING_USERS: a user of the dataset has no list', async () => {
    const faults = await faultsOf((lists) => lists.filter(({ userId }) => userId !== 'user-3'))
    expect(faults).toEqual(one('MISSING_USERS', /user-3, number 3/))
  })

  it('UNKNOWN_USERS, DUPLICATE_USERS, USER_ORDER: rows that are not of the next user', async () => {
    expect(await faultsOf((lists) => [...lists, { ...lists[0], userId: 'stranger' }])).toEqual(
      one('UNKNOWN_USERS', /stranger/),
    )
    expect(await faultsOf((lists) => [...lists, lists[4]])).toEqual(
      one('DUPLICATE_USERS', /user-4 once more/),
    )
    const swapped = await faultsOf(([a, b, ...rest]) => [b, a, ...rest])
    expect(swapped).toEqual(one('USER_ORDER', /user-0 is number 0/))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('SCORE_NOT_FINITE: a score is %s', async (score) => {
    const faults = await faultsOf((lists) => {
      lists[5].scores[0] = score
    })
    expect(faults).toEqual(one('SCORE_NOT_FINITE', /user-5: .* at rank 1/))
  })

  it('SCORE_ORDER: a score is above the one before it', async () => {
    const faults = await faultsOf((lists) => {
      lists[0].scores[2] = 0.85
    })
    expect(faults).toEqual(one('SCORE_ORDER', /user-0: 0\.85.* at rank 3/))
  })

  it('SHORT_LISTS, EMPTY_LISTS, LIST_SHAPE: a list has another length than it should', async () => {
    const shortened = (length: number) => (lists: PlantedList[]) => {
      lists[0].items.length = length
      lists[0].scores.length = length
    }
    expect(await faultsOf(shortened(2))).toEqual(one('SHORT_LISTS', /user-0: 2 items, want 3/))
    expect(await faultsOf(shortened(0))).toEqual(one('EMPTY_LISTS', /user-0: 0 items, want 3/))
    const longer = await faultsOf((lists) => {
      lists[0].items.push(7)
      lists[0].scores.push(0.6)
    })
    expect(longer).toEqual(one('LIST_SHAPE', /user-0: 4 items, 4 scores, k is 3/))
  })

  it('UNKNOWN_ITEMS: an item is not of the dataset', async () => {
    const itemIds = ['item-0', 'item-1', 'gone', ...[3, 4, 5, 6, 7].map((n) => `item-${n}`)]
    const { run } = await runWithLists(soundLists(), { itemIds })
    const [fault, ...more] = await faultsAt(join(run, 'scores'))
    expect(fault).toMatchObject({ name: 'UNKNOWN_ITEMS' })
    expect(fault.examples[0]).toMatch(/item gone at rank/)
    expect(more).toEqual([])
  })

  it('STALE_VERSION: the file was made from other weights or another dataset than the run has', async () => {
    const { run } = await runWithLists(soundLists(), {
      origin: { weights: 'a'.repeat(64), dataset: 'b'.repeat(64) },
    })
    expect(await faultsAt(join(run, 'scores'))).toEqual(
      one('STALE_VERSION', /made from the weights aaaaaaaaaaaa/),
    )
  })

  it('STALE_VERSION: the weights were changed after the export', async () => {
    const { run } = await runWithLists(soundLists())
    await writeFile(join(run, 'weights'), 'retrain')
    expect(await faultsAt(join(run, 'scores'))).toEqual(one('STALE_VERSION', /weights: sha256/))
  })

  it('STALE_VERSION: another dataset lies where the run was trained', async () => {
    const { run, dataset } = await runWithLists(soundLists())
    const other = await runWithLists(soundLists())
    await rm(dataset, { recursive: true })
    await makeDataset(new FileStore(dataset), {
      userIds: ['a'],
      itemIds: ['b'],
      parts: [{ users: [0], items: [0] }],
    })
    expect(await faultsAt(join(run, 'scores'))).toEqual(one('STALE_VERSION', /not the dataset/))
    expect(await faultsAt(join(other.run, 'scores'))).toEqual([])
  })

  it('DIGEST_MISMATCH, FILE_MISSING, UNREADABLE: the file itself is not what it was', async () => {
    const flipped = await runWithLists(soundLists())
    await flipBit(flipped.part)
    const names = (await faultsAt(join(flipped.run, 'scores'))).map(({ name }) => name)
    expect(names[0]).toBe('DIGEST_MISMATCH')

    const cut = await runWithLists(soundLists())
    await writeFile(cut.part, 'ARROW1 and no more')
    expect((await faultsAt(cut.part)).map(({ name }) => name)).toContain('UNREADABLE')

    const gone = await runWithLists(soundLists())
    await rm(gone.part)
    expect((await faultsAt(join(gone.run, 'scores'))).map(({ name }) => name)).toEqual([
      'FILE_MISSING',
      'MISSING_USERS',
    ])
  })

  it('the command ends with code 1 and names each fault in its JSON; a sound run ends with 0', async () => {
    const lists = soundLists()
    lists[2].items[1] = 3
    const planted = await runWithLists(lists)
    const bad = await callCli(['inspect', join(planted.run, 'scores'), '--json', '--quiet'])
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.stdout).faults.map(({ name }: { name: string }) => name)).toEqual(['SEEN_ITEMS'])
    const sound = await runWithLists(soundLists())
    const good = await callCli(['inspect', join(sound.run, 'scores'), '--quiet'])
    expect(good.code).toBe(0)
    expect(good.stdout).toContain('no faults')
  })
})
