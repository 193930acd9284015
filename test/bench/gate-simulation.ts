// npm run bench:gate: how often a gate of so many users refuses an equal model, and passes one that is 5 % worse.
//
//   npm run bench:gate -- [--data planted|ml-1m|games] [--lists] [--gates 1000] [--resamples 400]
//   npm run bench:gate -- --nights [--min-users 200] [--margin 0.02]
//
// Two JCA of different seeds are equally good; two of one seed and nearly as many epochs are what an unchanged configuration
// gives night after night. The worse one has popularity's lists for a share of its users. Trained on one thread; the real
// data (in the folder NIGHTJAR_DATA) in the paper's split, whose test rows are scored, but choose nothing. --lists only tells
// what lists look like after some epochs: what the limit of one item's share was chosen by. --nights runs two weeks of whole nights
// of the made shop, with unchanged options.
import { parseArgs } from 'node:util'
import { usualGate } from '../../job/gate/gate.ts'
import { ListCounter } from '../../job/gate/list-checks.ts'
import { ndcgByUser, usersOf } from '../../job/gate/ndcg-by-user.ts'
import { popularityRanker } from '../../job/models/popularity.ts'
import { nightjarVersion } from '../../job/nightjar-version.ts'
import {
  type FirstTen,
  fewOf,
  firstTen,
  type GateDataName,
  gateData,
  listsByEpoch,
} from './gate-contenders.ts'
import { type EqualPair, mean, passedShares, relativeSpread } from './gate-draws.ts'
import { unchangedNights } from './gate-nights.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'planted' },
    lists: { type: 'boolean', default: false },
    gates: { type: 'string', default: '1000' },
    resamples: { type: 'string', default: '400' },
    nights: { type: 'boolean', default: false },
    'min-users': { type: 'string', default: String(usualGate.minUsers) },
    margin: { type: 'string', default: String(usualGate.margin) },
  },
})
const sizes = [200, 500, 1000, 2000, 5000]
const margins = [0.02, 0.05]
const worseBy = 0.05

console.log(`${nightjarVersion().version}, commit ${nightjarVersion().commit?.slice(0, 12)}`)
if (values.nights) {
  await tellNights()
  process.exit()
}
const data = gateData(values.data as GateDataName)
const { train, test, options, looks, trained, later } = data
const users = usersOf(test)
console.log(
  `${data.name}: ${users.length} users with test rows, ${train.columnCount} items; JCA, hidden ${options.hidden}, learning rate ${options.learningRate}, seeds 1 and 2`,
)

console.log('\nlists                      NDCG@10   commonest item in   of who lack it   coverage')
const popular = await firstTen(popularityRanker(train), data, users)
tell('popularity', popular)
const [first, second] = [new Map<number, FirstTen>(), new Map<number, FirstTen>()]
await listsByEpoch(data, 1, [...looks, trained, later], users, (epoch, lists) => {
  tell(`JCA, seed 1, epoch ${epoch}`, lists)
  first.set(epoch, lists)
})
if (values.lists) process.exit()
await listsByEpoch(data, 2, [trained], users, (epoch, lists) => {
  tell(`JCA, seed 2, epoch ${epoch}`, lists)
  second.set(epoch, lists)
})

const rowsAUser = test.columns.length / users.length
simulate(`all test rows, ${rowsAUser.toFixed(1)} a user`, test)
simulate('at most two of them a user, as after a night or a few', fewOf(test, 2, 1))

async function tellNights(): Promise<void> {
  const [minUsers, margin] = [Number(values['min-users']), Number(values.margin)]
  const found = await unchangedNights(minUsers, margin)
  const refused = found.filter(({ outcome }) => outcome === 'refused').length
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8)
  console.log(
    `made shop, unchanged options, min users ${minUsers}, margin ${margin}: ${refused} of ${found.length} nights refused`,
  )
  console.log('outcome    compared on          users  epochs  difference  at least')
  for (const { outcome, mode, users, epochs, difference, lowerBound } of found) {
    console.log(
      `${outcome.padEnd(11)}${mode.padEnd(19)}${String(users).padStart(7)}${String(epochs).padStart(8)}    ${percent(difference)}  ${percent(lowerBound)}`,
    )
  }
}

function simulate(title: string, heldOut: typeof test): void {
  const ndcg = (lists: FirstTen | undefined) =>
    ndcgByUser(heldOut, users, (user) => lists?.get(user) ?? new Uint32Array(), 10)
  const pair = (other: FirstTen | undefined): EqualPair => ({
    one: ndcg(first.get(trained)),
    other: ndcg(other),
    poor: ndcg(popular),
  })
  const [seeds, unchanged] = [pair(second.get(trained)), pair(first.get(later))]
  console.log(
    `\n${title}: NDCG@10 ${[seeds.one, seeds.other, seeds.poor]
      .map((v) => mean(v).toFixed(4))
      .join(', popularity ')
      .replace(', popularity', ' and')}`,
  )
  for (const [name, of] of [
    ['of two seeds', seeds],
    [`of epochs ${trained} and ${later}`, unchanged],
  ] as const) {
    const spread = relativeSpread(of)
    const needed = margins.map(
      (margin) => `${Math.ceil((2 * 1.645 * (spread / margin)) ** 2)} for ${100 * margin} %`,
    )
    console.log(
      `  differences ${name}: standard deviation ${(100 * spread).toFixed(0)} % of the mean; users for 95 % of equals to pass: ${needed.join(', ')}`,
    )
  }
  console.log('          equal, another seed: refused   unchanged options: refused     5 % worse: passed')
  console.log(`users     ${'margin 2 %   margin 5 %         '.repeat(3).trimEnd()}`)
  const draw = { gates: Number(values.gates), resamples: Number(values.resamples), seed: 1 }
  for (const size of sizes) {
    const cells = [
      ...passedShares(seeds, size, 0, margins, draw).map((passed) => 1 - passed),
      ...passedShares(unchanged, size, 0, margins, draw).map((passed) => 1 - passed),
      ...passedShares(seeds, size, worseBy, margins, draw),
    ]
    const text = cells.map((share, i) => `${(100 * share).toFixed(1)} %`.padEnd(i % 2 === 0 ? 13 : 19))
    console.log(`${String(size).padEnd(10)}${text.join('').trimEnd()}`)
  }
}

/** What a list looks like, whatever people like. */
function tell(name: string, lists: FirstTen): void {
  const counter = new ListCounter(train.columnCount, train)
  for (const user of users) counter.add(user, lists.get(user) ?? new Uint32Array())
  const { commonest, coverage } = counter.facts
  const ndcg = mean(ndcgByUser(test, users, (user) => lists.get(user) ?? new Uint32Array(), 10))
  console.log(
    `${name.padEnd(27)}${ndcg.toFixed(4)}    ${(100 * commonest.share).toFixed(1).padStart(5)} %             ${(100 * commonest.amongWithout).toFixed(1).padStart(5)} %          ${(100 * coverage).toFixed(1)} %`,
  )
}
