// Which similarity of items to publish, judged on held-out pairs.
//
//   npx tsx test/bench/similar-items.ts DATASET VALIDATION.csv [RUN]
//
// hit@10: of a user's held-out items, the share that is among the ten most similar of an item that the user has, in the
// mean over all those items (so nothing is drawn), summed over all users. Popularity stands beside it: a list of what everybody has hits as well, without being
// similar to anything. So three more figures: the share of the catalogue that stands in any list, the median number of
// users of what is listed, and how many categories an item shares with what is listed for it (Jaccard; where there are any).
// RUN, trained on DATASET without the held-out pairs (train --no-refit --validation), adds the cosine of the model's item vectors.
import { type CsrMatrix, rowOf, transpose, without } from '../../job/data/csr-matrix.ts'
import { openDataset } from '../../job/data/dataset.ts'
import { readKnownPairs } from '../../job/data/known-pairs.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { itemCounts } from '../../job/models/popularity.ts'
import { similarItems } from '../../job/publish/similar-items.ts'
import { openStore } from '../../job/store/open-store.ts'
import { readSafetensors } from '../../job/train/safetensors.ts'
import { selectTopK, type TopK } from '../../shared/top-k.ts'

const k = 10
const [datasetFolder, validationFile, runFolder] = process.argv.slice(2)
const dataset = await openDataset(openStore(datasetFolder))
const heldOut = (await readKnownPairs(validationFile, dataset, dataset.extent)).pairs
const ratings = without(await readRatings(dataset), heldOut)
const counts = itemCounts(ratings)
const categories = (await dataset.items()).categories?.map((text) => text.split('|'))

const began = performance.now()
const published = similarItems(ratings)
const seconds = (performance.now() - began) / 1000
console.log(
  `${ratings.rowCount} users, ${ratings.columnCount} items, ${ratings.columns.length} pairs, ${heldOut.columns.length} held out; published lists in ${seconds.toFixed(1)} s`,
)
tell('popularity', ratings.columnCount, () => Float32Array.from(counts))
console.log(line('as it is published', measured(published.map(({ items }) => items.subarray(0, k)))))
for (const tempering of [0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5]) {
  for (const shrinkage of [0, 3, 10, 30, 100]) {
    tell(
      `tempering ${tempering}, shrinkage ${shrinkage}`,
      ratings.columnCount,
      coOccurrence(tempering, shrinkage),
    )
  }
}
if (runFolder !== undefined) {
  const { tensors } = await readSafetensors(openStore(runFolder), 'model/weights.safetensors')
  for (const name of ['user.encoder', 'user.decoder']) {
    const { data, shape } = tensors.get(name) as { data: Float32Array; shape: number[] }
    tell(`cosine of ${name}`, ratings.columnCount, vectorCosine(data, shape[1]))
  }
}

/** Of the whole row of shared counts, without a limit to histories: 0.5 is the cosine, 0 ranks by the counts alone. */
function coOccurrence(tempering: number, shrinkage: number): (item: number) => Float32Array {
  const usersOf = transpose(ratings)
  return (item) => {
    const both = new Float32Array(ratings.columnCount)
    for (const user of rowOf(usersOf, item)) for (const other of rowOf(ratings, user)) both[other]++
    return both.map((n, other) =>
      n === 0
        ? Number.NEGATIVE_INFINITY
        : ((n / (counts[item] ** (1 - tempering) * counts[other] ** tempering)) * n) / (n + shrinkage),
    )
  }
}

/** @param vectors `[items, width]` */
function vectorCosine(vectors: Float32Array, width: number): (item: number) => Float32Array {
  const row = (item: number) => vectors.subarray(item * width, (item + 1) * width)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const norms = Float32Array.from(counts, (_, item) => Math.sqrt(dot(row(item), row(item))) || 1)
  return (item) => norms.map((norm, other) => dot(row(item), row(other)) / (norm * norms[item]))
}

function tell(label: string, itemCount: number, scoresOf: (item: number) => Float32Array): void {
  const lists = Array.from({ length: itemCount }, (_, item) => {
    const scores = scoresOf(item)
    scores[item] = Number.NEGATIVE_INFINITY
    return selectTopK(scores, k).items
  })
  console.log(line(label, measured(lists)))
}

interface Measures {
  hits: number
  coverage: number
  medianCount: number
  /** NaN without categories. */
  categories: number
}

function line(label: string, { hits, coverage, medianCount, categories }: Measures): string {
  return `${label.padEnd(34)} hit@${k} ${hits.toFixed(4)}  listed ${coverage.toFixed(3)}  median users ${medianCount}  categories ${categories.toFixed(3)}`
}

function measured(lists: readonly TopK['items'][]): Measures {
  const listed = lists.flatMap((list) => [...list])
  const overlaps = lists.flatMap((list, item) => Array.from(list, (other) => overlap(item, other)))
  return {
    hits: hitRate(lists, ratings, heldOut),
    coverage: new Set(listed).size / ratings.columnCount,
    medianCount: listed.map((item) => counts[item]).sort((a, b) => a - b)[listed.length >> 1],
    categories: overlaps.reduce((sum, value) => sum + value, 0) / overlaps.length,
  }
}

function hitRate(lists: readonly TopK['items'][], known: CsrMatrix, hidden: CsrMatrix): number {
  let hits = 0
  for (let user = 0; user < known.rowCount; user++) {
    const wanted = new Set(rowOf(hidden, user))
    const own = rowOf(known, user)
    for (const item of own) {
      for (const other of lists[item]) if (wanted.has(other)) hits += 1 / own.length
    }
  }
  return hits / hidden.columns.length
}

function overlap(item: number, other: number): number {
  if (categories === undefined) return Number.NaN
  const [a, b] = [new Set(categories[item]), new Set(categories[other])]
  const both = [...a].filter((category) => b.has(category)).length
  return both / (a.size + b.size - both)
}
