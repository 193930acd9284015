import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EngineMemory } from '../../../job/engine/wasm/engine-memory.ts'
import { builtModule, instantiate } from '../../../job/engine/wasm/kernels.ts'

const kernels = await instantiate(await builtModule('engine.wasm'), new EngineMemory().memory)

const rows = fc.integer({ min: 1, max: 100_000 })

it('a lot is taken from an end of a share, is never empty, and never longer than there is room for', () => {
  fc.assert(
    fc.property(
      fc.nat(50_000),
      rows,
      fc.integer({ min: 1, max: 512 }),
      fc.boolean(),
      (half, length, lot, own) => {
        const share = { begin: 2 * half, end: 2 * half + length }
        const taken = nextLot(share, lot, own)
        expect(own ? taken.begin : taken.end).toBe(own ? share.begin : share.end)
        expect(taken.end - taken.begin).toBeGreaterThan(0)
        expect(taken.end - taken.begin).toBeLessThanOrEqual(lot)
        expect(taken.begin).toBeGreaterThanOrEqual(share.begin)
        expect(taken.end).toBeLessThanOrEqual(share.end)
      },
    ),
    { numRuns: 2000 },
  )
})

it('lots taken in turns from both ends are every row of a share, once', () => {
  fc.assert(
    fc.property(
      rows,
      fc.integer({ min: 2, max: 512 }),
      fc.infiniteStream(fc.boolean()),
      (length, lot, turns) => {
        const share = { begin: 0, end: length }
        let total = 0
        for (const own of turns) {
          if (share.begin >= share.end) break
          const { begin, end } = nextLot(share, lot, own)
          total += end - begin
          if (own) share.begin = end
          else share.end = begin
        }
        expect(share.begin).toBe(share.end)
        expect(total).toBe(length)
      },
    ),
  )
})

interface Range {
  begin: number
  end: number
}

/** A share is one 64-bit word: the first row, and in the upper half the end. */
function nextLot({ begin, end }: Range, lot: number, own: boolean): Range {
  const word = kernels.nextLot((BigInt(end) << 32n) | BigInt(begin), lot, own)
  return { begin: Number(word & 0xffffffffn), end: Number(word >> 32n) }
}
