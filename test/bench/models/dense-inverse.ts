// What the inverse of EASE costs beside what this machine can do, and beside the products of a library:
//
//   npx tsx test/bench/models/dense-inverse.ts [--items 1024,3062,9073] [--largest]
//
// `--largest` fits the first blocks of as many items as EASE takes, saves and loads: does it fit into memory? The matrices
// are of made ratings, a hundred a user and as many users as items.
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { type CsrMatrix, csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { Random } from '../../../job/data/random.ts'
import { EaseEngine } from '../../../job/engine/linear/ease-engine.ts'
import { openPeaks } from '../peaks.ts'
import '@tensorflow/tfjs-backend-wasm'

const { values: flags } = parseArgs({
  options: {
    items: { type: 'string', default: '1024,3062,9073' },
    largest: { type: 'boolean', default: false },
  },
})

const options = { l2: 100, dropout: 0, rowExponent: 0, itemExponent: 0 }

const peaks = (await openPeaks()).measure([])
console.log(`one core, 128-bit vectors of float32 in the first cache: ${peaks.tiledGflops.toFixed(1)} GF/s`)

if (flags.largest) await largest()
else {
  await tf.setBackend('wasm')
  for (const items of flags.items.split(',').map(Number)) {
    const ratings = madeRatings(items)
    for (const threads of [1, 2]) {
      const engine = await EaseEngine.create(ratings, threads, options)
      const seconds = await secondsOf(() => engine.fit(async () => {}))
      console.log(`${items} items, ${threads} threads: ${seconds.toFixed(2)} s, ${rate(items ** 3, seconds)}`)
      engine.close()
    }
    await library(items)
  }
}

/** A product of the library's, of the size that a blocked inverse would ask for: a panel of 512 with its transpose. */
async function library(items: number): Promise<void> {
  const panel = tf.randomUniform([items, 512])
  const across = tf.randomUniform([512, items])
  const product = async () => {
    const out = tf.matMul(panel, across)
    await out.data()
    out.dispose()
  }
  await product()
  const seconds = await secondsOf(product)
  const work = 2 * items * items * 512
  // Without symmetry, and two products more for each panel: a blocked inverse by whole products.
  console.log(
    `${items} items, tfjs-wasm: ${rate(work, seconds)}, so ${((2 * items ** 3) / (work / seconds)).toFixed(1)} s for 2 n^3`,
  )
  tf.dispose([panel, across])
}

async function largest(): Promise<void> {
  const items = 30_000
  const engine = await EaseEngine.create(madeRatings(items), 2, options)
  const blocksMeasured = 8
  let seconds = 0
  try {
    let began = performance.now()
    await engine.fit(async (done, blocks) => {
      // The first one waits for the ratings to be counted.
      if (done === 1) began = performance.now()
      if (done <= blocksMeasured) return
      seconds = (((performance.now() - began) / 1000) * blocks) / (done - 1)
      throw new Error('enough')
    })
  } catch (error) {
    if (seconds === 0) throw error
  }
  console.log(`${items} items, 2 threads: ${seconds.toFixed(0)} s by ${blocksMeasured} blocks`)
  const packed = engine.inverse()
  engine.load(packed)
  console.log(
    `saved and loaded: ${(packed.byteLength / 1e9).toFixed(2)} GB; ${engine.scores(Uint32Array.of(0)).length} scores`,
  )
  console.log(`peak ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(1)} GiB`)
  engine.close()
}

function rate(operations: number, seconds: number): string {
  return `${(operations / seconds / 1e9).toFixed(1)} GF/s`
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

function madeRatings(items: number): CsrMatrix {
  const random = new Random(1)
  const each = 100
  const users = Uint32Array.from({ length: items * each }, (_, n) => Math.floor(n / each))
  return csrFromPairs(
    users,
    users.map(() => random.below(items)),
    items,
    items,
  )
}
