import fc from 'fast-check'
import { expect, it } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { roundRows, writeFoldInParts } from '../../job/publish/fold-in.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { VersionWriter } from '../../job/publish/version-writer.ts'
import { BucketError } from '../../shared/bucket-table.ts'
import { decodeFoldInPart, foldInPartItems } from '../../shared/fold-in-part.ts'
import { foldInHeadKey, foldInPartKey, versionKeys } from '../../shared/kv-keys.ts'
import { madeClock, madeData, makeRun, withFoldIn } from './made-run.ts'
import { MemoryKv } from './memory-kv.ts'

const version = '20260423T031500Z-aaaaaa'

it('rounding a row is never further off than half of its scale', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, min: -10, max: 10 }), { minLength: 4, maxLength: 40 }),
      (numbers) => {
        const matrix = Float32Array.from(numbers.slice(0, numbers.length - (numbers.length % 4)))
        const { values, scales } = roundRows(matrix, 4)
        matrix.forEach((number, i) => {
          const scale = scales[i >> 2]
          expect(Math.abs(values[i] * scale - number)).toBeLessThanOrEqual(scale * 0.5001 + 1e-30)
        })
      },
    ),
  )
})

it('a component of more items than a part takes is put in parts that hold all of it, in order', async () => {
  const items = foldInPartItems + 3
  const hidden = 2
  const itemIds = Array.from({ length: items }, (_, i) => `item ${i} é`)
  const weights = {
    items,
    hidden,
    encoder: Float32Array.from({ length: items * hidden }, (_, i) => Math.sin(i)),
    hiddenBias: Float32Array.of(0.25, -0.5),
    decoder: Float32Array.from({ length: items * hidden }, (_, i) => Math.cos(i)),
    outputBias: Float32Array.from({ length: items }, (_, i) => i / 7),
  }
  const target = new MemoryKv()
  const writer = new VersionWriter(target, undefined)
  await writeFoldInParts(version, itemIds, weights, writer)
  await writer.flush()
  const head = JSON.parse(new TextDecoder().decode(await target.get(foldInHeadKey(version))))
  expect(head).toEqual({ items, hidden, parts: 2, hiddenBias: [0.25, -0.5] })
  const bytes = await Promise.all([0, 1].map((n) => target.get(foldInPartKey(version, n))))
  const parts = bytes.map((part) => decodeFoldInPart(part as Uint8Array, hidden))
  expect(parts.flatMap((part) => part.itemIds)).toEqual(itemIds)
  expect(parts.flatMap((part) => [...part.outputBias])).toEqual([...weights.outputBias])
  for (const [name, scales] of [
    ['encoder', 'encoderScales'],
    ['decoder', 'decoderScales'],
  ] as const) {
    const found = parts.flatMap((part) =>
      [...part[name]].map((w, i) => w * part[scales][Math.floor(i / hidden)]),
    )
    expect(Math.max(...found.map((w, i) => Math.abs(w - weights[name][i])))).toBeLessThan(1 / 254 + 1e-6)
  }
  // What is deleted when the version is superseded.
  const keys = versionKeys({
    versionId: version,
    userBucketCount: 1,
    itemBucketCount: 1,
    foldIn: { parts: 2 },
  })
  for (const key of target.values.keys()) expect(keys).toContain(key)
})

it('goes with its version: published again as it was, refused when it was trained anew, deleted with the rest', async () => {
  const options = { clock: madeClock(), progress: silentProgress, keep: 1 }
  const target = new MemoryKv()
  const { run, dataset } = await makeRun(madeData(version, 6, 5, 3))
  const trained = await withFoldIn(run, 1)
  await publishRun(trained, dataset, target, options)
  expect([...target.values.keys()]).toContain(foldInPartKey(version, 0))
  expect(await publishRun(trained, dataset, target, options)).toMatchObject({ alreadyPublished: true })
  await expect(publishRun(await withFoldIn(run, 2), dataset, target, options)).rejects.toThrow(
    /fold-in component/,
  )
  await expect(publishRun(run, dataset, target, options)).rejects.toThrow(/fold-in component/)
  for (const day of ['24', '25', '26']) {
    const next = await makeRun(madeData(`202604${day}T031500Z-bbbbbb`, 6, 5, 3))
    await publishRun(next.run, next.dataset, target, options)
  }
  expect([...target.values.keys()].filter((key) => key.includes(version))).toEqual([])
})

it('bytes that are no part are told as such', () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode('no Arrow at all'), new Uint8Array(64)]) {
    expect(() => decodeFoldInPart(bytes, 8)).toThrow(BucketError)
  }
})
