import { Random } from './random.ts'

/** A made-up shop whose customers' tastes are known, so that the right answers are known as well. */
export interface PlantedShop {
  items: { id: string; title: string; category: string }[]
  users: { id: string; tastes: string[] }[]
  /** What each user has, to learn from. */
  train: { userId: string; itemId: string }[]
  /** What each user also has, held back to be found. */
  test: { userId: string; itemId: string }[]
}

export interface PlantedSize {
  users: number
  itemsPerTaste: number
  /** Mean number of items a user has. */
  itemsPerUser: number
}

const tastes = [
  'Jazz',
  'Gardening',
  'Sailing',
  'Baking',
  'Astronomy',
  'Chess',
  'Pottery',
  'Cycling',
  'Birds',
  'Film noir',
  'Woodwork',
  'Tea',
] as const

const kinds = [
  'guide',
  'notebook',
  'starter set',
  'poster',
  'handbook',
  'calendar',
  'classic',
  'kit',
] as const

/** How much of what a user has lies outside their tastes. */
const noise = 0.1

/**
 * Makes a shop: each user has two tastes, nine of ten items from them, the rest from anywhere; within a taste
 * few items are popular and most are not (Zipf). A fifth of each user's items is held back.
 */
export function plantTastes(size: PlantedSize, seed: number): PlantedShop {
  const random = new Random(seed)
  const items = tastes.flatMap((taste) =>
    Array.from({ length: size.itemsPerTaste }, (_, n) => ({
      id: `${taste.toLowerCase().replace(' ', '-')}-${n + 1}`,
      title: `${taste} ${kinds[n % kinds.length]} no. ${Math.floor(n / kinds.length) + 1}`,
      category: taste,
    })),
  )
  const drawInTaste = zipf(size.itemsPerTaste)
  const shop: PlantedShop = { items, users: [], train: [], test: [] }
  for (let n = 0; n < size.users; n++) {
    const first = random.below(tastes.length)
    const second = (first + 1 + random.below(tastes.length - 1)) % tastes.length
    const userId = `user-${n + 1}`
    shop.users.push({ id: userId, tastes: [tastes[first], tastes[second]] })
    const wanted = Math.floor(size.itemsPerUser * (0.5 + random.next()))
    const own = new Set<number>()
    for (let tries = 0; own.size < wanted && tries < 50 * wanted; tries++) {
      const taste = random.next() < noise ? random.below(tastes.length) : random.next() < 0.5 ? first : second
      own.add(taste * size.itemsPerTaste + drawInTaste(random))
    }
    const order = Uint32Array.from(own)
    random.shuffle(order)
    const heldBack = Math.floor(order.length / 5)
    order.forEach((item, rank) => {
      shop[rank < heldBack ? 'test' : 'train'].push({ userId, itemId: items[item].id })
    })
  }
  return shop
}

/** Draws from 0 to count - 1, the n-th with a weight of 1 / (n + 5). */
function zipf(count: number): (random: Random) => number {
  const sums = new Float64Array(count)
  let total = 0
  for (let n = 0; n < count; n++) {
    total += 1 / (n + 5)
    sums[n] = total
  }
  return (random) => {
    const point = random.next() * total
    return sums.findIndex((sum) => point < sum)
  }
}
