import { expect, it } from 'vitest'
import { initialState } from '../../../job/engine/model-state.ts'
import { wasmEngineOn } from '../../../job/engine/wasm/wasm-engine.ts'
import { jcaSpec, smallProblem } from '../small-problem.ts'

it('gives the same bits on 1, 2, 3 and 4 threads, also where rows outnumber the lots', async () => {
  const spec = { ...jcaSpec, hidden: 20 }
  const large = { users: 400, items: 300, density: 0.05, batchUsers: 150, batchItems: 170 }
  const { ratings, blocks, state } = smallProblem(spec, large)
  const run = async (threads: number) => {
    const model = await wasmEngineOn(threads).create(spec, ratings, state)
    const losses: number[] = []
    for (const block of blocks) losses.push(await model.step(block))
    const users = Uint32Array.from({ length: 333 }, (_, user) => user)
    const scores = (await model.scores(users)).slice()
    const lists = await model.topK(users, 25, ratings)
    const after = await model.state()
    model.close()
    return { losses, scores, lists, after }
  }
  const one = await run(1)
  for (const threads of [2, 3, 4]) expect(await run(threads), `${threads} threads`).toEqual(one)
})

it('ranks a catalogue of one item with as many hidden units as there may be', async () => {
  const spec = { ...jcaSpec, hidden: 4096 }
  const { ratings } = smallProblem(spec, {
    users: 2,
    items: 1,
    density: 1,
    batchUsers: 2,
    batchItems: 1,
  })
  for (const parts of [
    spec,
    { ...spec, userComponent: false },
    { ...spec, itemComponent: false, itemFactor: false },
  ]) {
    const model = await wasmEngineOn(1).create(parts, ratings, initialState(parts, 2, 1, 1))
    const [list] = await model.topK(Uint32Array.of(1), 5, undefined)
    expect([...list.items]).toEqual([0])
    expect(list.scores[0]).toBeCloseTo((await model.scores(Uint32Array.of(1)))[0], 6)
    model.close()
  }
})
