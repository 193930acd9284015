import { describe, expect, it } from 'vitest'
import { openDataset } from '../../job/data/dataset.ts'
import { readRatings } from '../../job/data/rating-matrix.ts'
import { openStore } from '../../job/store/open-store.ts'
import { makeDataset } from '../made-dataset.ts'
import { tempFolder } from '../temp-folder.ts'

const content = {
  userIds: ['a', 'b', 'c'],
  itemIds: ['x', 'y'],
  parts: [
    { users: [0, 1, 1], items: [0, 0, 1] },
    { users: [2, 0], items: [1, 0] },
  ],
}
const partPath = 'interactions/part-00001.arrow'

describe('a dataset', () => {
  it('reads as one matrix, whatever its parts, with repeats folded', async () => {
    const dataset = await makeDataset(openStore(await tempFolder()), content)
    const whole = await readRatings(dataset)
    const { parts } = content
    const one = { users: parts.flatMap((p) => p.users), items: parts.flatMap((p) => p.items) }
    const together = await makeDataset(openStore(await tempFolder()), { ...content, parts: [one] })
    expect(await readRatings(together)).toEqual(whole)
    expect(whole.columns).toEqual(Uint32Array.of(0, 0, 1, 1))
  })

  it('can be read as it was before it grew', async () => {
    const store = openStore(await tempFolder())
    const first = { ...content, userIds: ['a', 'b'], parts: content.parts.slice(0, 1) }
    const before = await makeDataset(store, first)
    const { digest } = before.manifest
    const extent = before.extent
    const ratings = await readRatings(before)
    const grown = await makeDataset(store, content)
    expect(grown.digestAt(extent)).toBe(digest)
    expect(await readRatings(grown, extent)).toEqual(ratings)
    expect(await grown.userIds(extent)).toEqual(['a', 'b'])
  })
})

it('gives ids back byte for byte, a leading U+FEFF included', async () => {
  const userIds = ['\ufeffa', 'a', ' a', 'ä\u0000', '😀', 'x'.repeat(300)]
  const dataset = await makeDataset(openStore(await tempFolder()), { ...content, userIds })
  expect(await dataset.userIds()).toEqual(userIds)
})

describe('a broken dataset is refused, by name', () => {
  const open = async () => {
    const store = openStore(await tempFolder())
    await makeDataset(store, content)
    return store
  }
  const reading = async (store: Awaited<ReturnType<typeof open>>) => readRatings(await openDataset(store))

  it('no manifest', async () => {
    const store = await open()
    await store.delete('manifest.json')
    await expect(openDataset(store)).rejects.toMatchObject({ code: 'NOT_A_DATASET' })
  })

  it('a manifest that is no JSON, or of another shape', async () => {
    const store = await open()
    await store.put('manifest.json', new TextEncoder().encode('{'))
    await expect(openDataset(store)).rejects.toMatchObject({ code: 'DATASET_MANIFEST' })
    await store.put('manifest.json', new TextEncoder().encode('{"format":"nightjar-run"}'))
    await expect(openDataset(store)).rejects.toMatchObject({ code: 'DATASET_MANIFEST' })
  })

  it('a manifest of another folder', async () => {
    const store = await open()
    const text = new TextDecoder().decode(await store.read('manifest.json'))
    await store.put('manifest.json', new TextEncoder().encode(text.replace('"users": 3', '"users": 4')))
    await expect(openDataset(store)).rejects.toMatchObject({ code: 'DATASET_DIGEST' })
  })

  it('a shard that is gone, cut at any byte, junk, or changed', async () => {
    const store = await open()
    const whole = await store.read(partPath)
    for (let length = 0; length < whole.length; length += 97) {
      await store.put(partPath, whole.slice(0, length))
      await expect(reading(store), `${length} bytes`).rejects.toMatchObject({ code: 'ARROW_TRUNCATED' })
    }
    await store.put(
      partPath,
      whole.map((byte) => byte ^ 0x55),
    )
    await expect(reading(store)).rejects.toMatchObject({ code: 'ARROW_MAGIC' })
    const changed = whole.slice()
    changed[Math.floor(whole.length / 2)] ^= 1
    await store.put(partPath, changed)
    await expect(reading(store)).rejects.toMatchObject({ code: 'ARROW_DIGEST' })
    await store.delete(partPath)
    await expect(reading(store)).rejects.toMatchObject({ code: 'ARROW_MISSING' })
  })

  it('a row that points outside the ids, with file, row and both numbers', async () => {
    const store = openStore(await tempFolder())
    const outside = { ...content, parts: [{ users: [0, 1], items: [1, 2] }] }
    const dataset = await makeDataset(store, outside)
    await expect(readRatings(dataset)).rejects.toMatchObject({
      code: 'SHARD_ITEM_RANGE',
      message: expect.stringMatching(
        /part-00000\.arrow: column "item", row 1 holds 2, .* 2 items \(valid 0 to 1\)/,
      ),
    })
  })
})
