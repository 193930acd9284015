import { join } from 'node:path'
import { type CsrMatrix, csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { plantTastes } from '../../job/data/planted-tastes.ts'
import { Random } from '../../job/data/random.ts'
import type { Ranker } from '../../job/engine/top-k.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { forEachTopK } from '../../job/evaluate/evaluate.ts'
import { looked } from '../../job/gate/list-checks.ts'
import { fitEpochs } from '../../job/train/fit-epochs.ts'
import { defaultOptions, settle } from '../../job/train/train-options.ts'
import { readPairs } from './bench-data.ts'

/** What contenders are trained on, and compared on. */
export interface GateData {
  name: string
  train: CsrMatrix
  test: CsrMatrix
  /** What is not the default of training. */
  options: { hidden: number; learningRate: number }
  /** Epochs: of looks on the way, of a model that is trained well, and of the same a little later. */
  looks: readonly number[]
  trained: number
  later: number
}

/** A user's first ten, best first. */
export type FirstTen = ReadonlyMap<number, Uint32Array>

const shapes = { 'ml-1m': [6027, 3062], games: [19_056, 9073] } as const
export type GateDataName = keyof typeof shapes | 'planted'

/** The paper's split from the folder NIGHTJAR_DATA, or a made shop. */
export function gateData(name: GateDataName): GateData {
  if (name === 'planted') return planted()
  const file = (part: string) =>
    readPairs(join(process.env.NIGHTJAR_DATA ?? 'no NIGHTJAR_DATA', name, `${part}.csv`), shapes[name])
  return {
    name,
    train: file('train'),
    test: file('test'),
    options: { hidden: 64, learningRate: defaultOptions.learningRate },
    looks: [1, 5, 20, 60],
    trained: name === 'games' ? 150 : 200,
    later: name === 'games' ? 155 : 210,
  }
}

function planted(): GateData {
  const shop = plantTastes({ users: 3000, itemsPerTaste: 40, itemsPerUser: 24 }, 1)
  const userIndexes = new Map(shop.users.map(({ id }, index) => [id, index]))
  const itemIndexes = new Map(shop.items.map(({ id }, index) => [id, index]))
  const matrix = (rows: typeof shop.train) =>
    csrFromPairs(
      Uint32Array.from(rows, ({ userId }) => userIndexes.get(userId) ?? 0),
      Uint32Array.from(rows, ({ itemId }) => itemIndexes.get(itemId) ?? 0),
      userIndexes.size,
      itemIndexes.size,
    )
  return {
    name: 'planted tastes',
    train: matrix(shop.train),
    test: matrix(shop.test),
    options: { hidden: 16, learningRate: 0.01 },
    looks: [1, 5, 20],
    trained: 60,
    later: 63,
  }
}

/** Trains JCA on one thread, and hands over the lists that it gives after each of some epochs. */
export async function listsByEpoch(
  data: GateData,
  seed: number,
  epochs: readonly number[],
  users: Uint32Array,
  visit: (epoch: number, lists: FirstTen) => void,
): Promise<void> {
  const { train } = data
  const { kind, model: options } = settle({ ...defaultOptions, ...data.options, seed }, train)
  const model = await kind.create({ options, ratings: train, seed, engine: wasmEngineOn(1), threads: 1 })
  try {
    await fitEpochs({
      model,
      epochsDone: 0,
      epochs: Math.max(...epochs),
      resumeHint: '',
      afterEpoch: async (epoch) => {
        if (epochs.includes(epoch)) visit(epoch, await firstTen(model, data, users))
        return false
      },
    })
  } finally {
    model.close()
  }
}

/** What is known of a user stands in no list. */
export async function firstTen(ranker: Ranker, { train }: GateData, users: Uint32Array): Promise<FirstTen> {
  const lists = new Map<number, Uint32Array>()
  await forEachTopK(ranker, users, train.columnCount, looked, train, (user, { items }) =>
    lists.set(user, items.slice()),
  )
  return lists
}

/** At most `most` of each user's pairs, drawn. */
export function fewOf(pairs: CsrMatrix, most: number, seed: number): CsrMatrix {
  const users: number[] = []
  const items: number[] = []
  for (let user = 0; user < pairs.rowCount; user++) {
    const own = rowOf(pairs, user).slice()
    new Random(seed, user).shuffle(own)
    for (const item of own.subarray(0, most)) {
      users.push(user)
      items.push(item)
    }
  }
  return csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), pairs.rowCount, pairs.columnCount)
}
