import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CsrMatrix, csrFromPairs } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'

/** A rating matrix to measure on, and where it came from. */
export interface BenchData {
  name: string
  ratings: CsrMatrix
}

/** The paper's two data sets that its splits are at hand of: users, items and pairs of their train.csv. */
const sizes = [
  { name: 'ml-1m', users: 6027, items: 3062, pairs: 462_847 },
  { name: 'games', users: 19_056, items: 9073, pairs: 154_179 },
] as const

/** The real train.csv where NIGHTJAR_DATA names its folder, else a made matrix of the same size. */
export function benchData(): BenchData[] {
  return sizes.map((size) => {
    const file = join(process.env.NIGHTJAR_DATA ?? '/no data', size.name, 'train.csv')
    return existsSync(file)
      ? { name: size.name, ratings: readPairs(file) }
      : { name: `${size.name} (made to its size)`, ratings: madeRatings(size.users, size.items, size.pairs) }
  })
}

/**
 * `user_id,item_id`, both from 1, no quotes.
 *
 * @param shape `[users, items]`, where the file need not name the last of them
 */
export function readPairs(file: string, shape?: readonly [users: number, items: number]): CsrMatrix {
  const users: number[] = []
  const items: number[] = []
  for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
    const comma = line.indexOf(',')
    users.push(Number(line.slice(0, comma)) - 1)
    items.push(Number(line.slice(comma + 1)) - 1)
  }
  const count = (indexes: number[]) => indexes.reduce((most, index) => Math.max(most, index), 0) + 1
  const [userCount, itemCount] = shape ?? [count(users), count(items)]
  return csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), userCount, itemCount)
}

/** Some pairs drawn so that few users and items have most of them. Repeats are folded, so it holds somewhat fewer. */
function madeRatings(userCount: number, itemCount: number, pairs: number): CsrMatrix {
  const random = new Random(1)
  const skewed = (count: number) => Math.floor(count * random.next() ** 2)
  const users = Uint32Array.from({ length: pairs }, () => skewed(userCount))
  const items = Uint32Array.from({ length: pairs }, () => skewed(itemCount))
  return csrFromPairs(users, items, userCount, itemCount)
}
