import { describe, expect, it } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { forgetUsers } from '../../job/data/forget-users.ts'
import type { Engine } from '../../job/engine/engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { nightIdOf } from '../../job/nightly/night-id.ts'
import type { NightOptions } from '../../job/nightly/night-options.ts'
import { type NightState, readNight } from '../../job/nightly/night-state.ts'
import { runNight } from '../../job/nightly/nightly.ts'
import { writeReducedDataset } from '../../job/nightly/reduced-dataset.ts'
import { openStore } from '../../job/store/open-store.ts'
import { joinPlace } from '../../job/store/place.ts'
import { makeDataset } from '../made-dataset.ts'
import { MemoryKv } from '../publish/memory-kv.ts'
import { tempFolder } from '../temp-folder.ts'
import { dropRows, madeNight } from './made-night.ts'

async function dropText(place: string, name: string, lines: string[]): Promise<void> {
  await openStore(joinPlace(place, 'incoming')).put(name, new TextEncoder().encode(`${lines.join('\n')}\n`))
}

/** Two nights on one folder: what the second ended with. The drops bring each night's rows. */
async function twoNights(
  drops: [(folder: string) => Promise<void>, (folder: string) => Promise<void>],
  changes: [Partial<NightOptions>, Partial<NightOptions>] = [{}, {}],
): Promise<NightState> {
  const folder = await tempFolder()
  const target = new MemoryKv()
  for (const [n, drop] of drops.entries()) {
    await drop(folder)
    const result = await runNight(madeNight(folder, 25 + n, { target, ...changes[n] }))
    if (result.kind !== 'ended') throw new Error('held')
    if (n === 1) return result.state
    expect(result.state.outcome?.kind).toBe('published')
  }
  throw new Error('two nights, not none')
}

const mondayAndTuesday: [(folder: string) => Promise<void>, (folder: string) => Promise<void>] = [
  (folder) => dropRows(folder, 'monday.csv', 0, 0.8),
  (folder) => dropRows(folder, 'tuesday.csv', 0.8, 1),
]

// The second night's configuration without the new rows is the first night's over again: the same weights, to the bit. So
// whatever difference there is comes from how the two are compared.
describe('the gate is fair', () => {
  it('to a live version that was exported with what users have: both are masked alike', async () => {
    // Of twenty items few are left once those that the user has are gone; of sixty always ten.
    for (const k of [20, 60]) {
      const { gate } = await twoNights(mondayAndTuesday, [{ includeSeen: true, k }, {}])
      expect(gate).toMatchObject({ mode: 'new-rows', difference: 0, passed: true })
      expect(gate?.ndcg10.live).toBeGreaterThan(0.1)
    }
  })

  it('to lists shorter than ten: the candidate gets no more places than the live version has', async () => {
    for (const k of [
      [4, 20],
      [20, 4],
    ] as const) {
      const { gate } = await twoNights(mondayAndTuesday, [{ k: k[0] }, { k: k[1] }])
      expect(gate).toMatchObject({ mode: 'new-rows', difference: 0, passed: true })
    }
  })

  it('counts no pair that the candidate has seen with a lower weight', async () => {
    const row = (weight: number) => (n: number) => `u${n % 40},i${(n * 7) % 61},${weight}`
    const rows = (from: number, to: number, weight: number) =>
      Array.from({ length: to - from }, (_, n) => row(weight)(from + n))
    const reading = {
      ...madeNight('', 25).reading,
      columns: { user: 'user', item: 'item', rating: 'weight' },
    }
    const train = madeNight('', 25).train
    const { gate } = await twoNights(
      [
        (folder) =>
          dropText(folder, 'monday.csv', ['user,item,weight', ...rows(0, 400, 5), ...rows(400, 600, 1)]),
        // What was clicked on Monday is bought on Tuesday.
        (folder) => dropText(folder, 'tuesday.csv', ['user,item,weight', ...rows(400, 600, 5)]),
      ],
      [
        { reading, train: { ...train, minWeight: 5 } },
        { reading, train: { ...train, minWeight: 1 }, gate: { minUsers: 1, margin: 1, force: true } },
      ],
    )
    expect(gate).toMatchObject({ mode: 'common-reduced-set', usersWithNewRows: 0 })
  })

  it('where the newest row is of somebody who was forgotten since: nothing is stale', async () => {
    const reading = { ...madeNight('', 25).reading, columns: { user: 'user', item: 'item', time: 'time' } }
    const rows = Array.from(
      { length: 600 },
      (_, n) => `u${n % 40},i${(n * 7) % 61},${n === 599 ? 1_763_000_000 : 1_762_000_000 + n}`,
    )
    const { gate, outcome } = await twoNights(
      [
        (folder) => dropText(folder, 'monday.csv', ['user,item,time', ...rows]),
        async (folder) => {
          const dataset = await openDataset(openStore(joinPlace(folder, 'shop')))
          await forgetUsers(dataset, ['u39'], false)
        },
      ],
      [{ reading }, { reading }],
    )
    expect(gate?.refusals).toEqual([])
    expect(outcome?.kind).toBe('published')
  })

  it('where nobody has a row to compare on: it says so, and the night can be read again', async () => {
    const lonely = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `u${from + n},i${(from + n) % 30}`)
    const folder = await tempFolder()
    const target = new MemoryKv()
    await dropText(folder, 'monday.csv', ['user_id,item_id', ...lonely(0, 60)])
    const small = { ...madeNight(folder, 25).train, holdout: 0, epochs: 2 }
    // So few rows make poor lists, and those are published all the same.
    const gate = { ...madeNight(folder, 25).gate, force: true }
    await runNight(madeNight(folder, 25, { target, train: small, gate }))
    await dropText(folder, 'tuesday.csv', ['user_id,item_id', ...lonely(60, 70)])
    const night = madeNight(folder, 26, { target, train: { ...small, epochs: 3 } })
    const result = await runNight(night)
    if (result.kind !== 'ended') throw new Error('held')
    expect(result.state.gate).toMatchObject({ users: 0, difference: 0, lowerBound: 0, passed: false })
    expect(result.state.gate?.refusals.map(({ code }) => code)).toEqual(['NO_USERS'])
    expect(await readNight(openStore(result.place))).toEqual(result.state)
  })
})

describe('a reduced dataset', () => {
  it('is without who was forgotten while the night was down', async () => {
    const folder = await tempFolder()
    const target = new MemoryKv()
    await dropRows(folder, 'monday.csv', 0, 0.8)
    await runNight(madeNight(folder, 25, { target }))
    await dropRows(folder, 'tuesday.csv', 0.8, 0.81)
    const rowsOfTheFirst: number[] = []
    const openEngine = async (): Promise<Engine> => ({
      ...wasmEngineOn(1),
      create: async () => {
        const place = joinPlace(folder, `nights/${nightIdOf(madeNight(folder, 26).plannedAt)}/reduced`)
        let rows = 0
        for await (const { users } of (await openDataset(openStore(place))).interactions())
          rows += users.filter((user) => user === 0).length
        rowsOfTheFirst.push(rows)
        throw new Error('the power went out')
      },
    })
    const gate = { ...madeNight(folder, 26).gate, minUsers: 1000 }
    const night = madeNight(folder, 26, { target, openEngine, gate })
    await expect(runNight(night)).rejects.toThrow('power')
    const shop = await openDataset(openStore(joinPlace(folder, 'shop')))
    const [first] = await shop.userIds()
    await forgetUsers(shop, [first ?? ''], false)
    await expect(runNight(night)).rejects.toThrow('power')
    expect(rowsOfTheFirst[0]).toBeGreaterThan(5)
    expect(rowsOfTheFirst[1]).toBe(0)
  })

  const content = {
    userIds: ['a', 'b', 'c'],
    itemIds: ['x', 'y', 'z'],
    parts: [
      { users: [0, 1, 2], items: [0, 1, 2], weights: [1, 2, 3], times: [10, 20, 30] },
      { users: [0], items: [1], weights: [4], times: [40] },
    ],
  }

  it('is read back where a part has lost all of its rows', async () => {
    const dataset = await makeDataset(openStore(await tempFolder()), content)
    const leftOut = csrFromPairs(Uint32Array.from([0, 1]), Uint32Array.from([1, 1]), 3, 3)
    const reduced = await writeReducedDataset(dataset, leftOut, openStore(await tempFolder()))
    const parts = []
    for await (const rows of reduced.interactions()) parts.push(rows)
    expect(parts.map(({ users }) => [...users])).toEqual([[0, 2], []])
    expect([...(parts[0]?.times ?? [])]).toEqual([10n, 30n])
    expect([...(parts[0]?.weights ?? [])]).toEqual([1, 3])
    expect(rowOf(leftOut, 2)).toHaveLength(0)
    expect(await reduced.userIds()).toEqual(['a', 'b', 'c'])
  })
})
