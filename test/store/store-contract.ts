import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../job/store/store.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)

/** What every Store must do, whatever it stores in. */
export function storeContract(
  name: string,
  open: () => Promise<{ store: Store; close(): Promise<void> }>,
): void {
  describe(`store contract: ${name}`, () => {
    let store: Store
    let close: () => Promise<void>
    beforeEach(async () => {
      ;({ store, close } = await open())
    })
    afterEach(() => close())

    it('reads back what was put, and tells its size and sha256', async () => {
      const written = await store.put('a/b.bin', bytes('hello'))
      expect(written).toEqual({ bytes: 5, sha256: createHash('sha256').update('hello').digest('hex') })
      expect(text(await store.read('a/b.bin'))).toBe('hello')
      expect(await store.size('a/b.bin')).toBe(5)
    })

    it('puts a body that comes in chunks, and an empty one', async () => {
      const chunks = async function* () {
        yield bytes('one ')
        yield bytes('two')
      }
      expect((await store.put('chunks', chunks())).bytes).toBe(7)
      expect(text(await store.read('chunks'))).toBe('one two')
      await store.put('empty', new Uint8Array())
      expect((await store.read('empty')).length).toBe(0)
    })

    it('reads ranges, fewer bytes at the end, none behind it', async () => {
      await store.put('digits', bytes('0123456789'))
      const range = async (offset: number, length: number) =>
        text(await store.read('digits', { offset, length }))
      expect(await range(2, 3)).toBe('234')
      expect(await range(8, 5)).toBe('89')
      expect(await range(20, 5)).toBe('')
    })

    it('keeps the old bytes, and no others, where a body fails halfway', async () => {
      await store.put('file', bytes('old'))
      const failing = async function* () {
        yield bytes('new, half of it')
        throw new Error('the source broke')
      }
      await expect(store.put('file', failing())).rejects.toThrow('the source broke')
      await expect(store.put('fresh', failing())).rejects.toThrow('the source broke')
      expect(text(await store.read('file'))).toBe('old')
      expect(await store.list()).toEqual([{ key: 'file', bytes: 3 }])
    })

    it('puts if absent once, also when many try at the same time', async () => {
      const tries = await Promise.all(
        Array.from({ length: 8 }, (_, i) => store.putIfAbsent('lease', bytes(`holder ${i}`))),
      )
      expect(tries.filter(Boolean)).toHaveLength(1)
      expect(text(await store.read('lease'))).toBe(`holder ${tries.indexOf(true)}`)
      expect(await store.putIfAbsent('lease', bytes('late'))).toBe(false)
      expect((await store.list()).map(({ key }) => key)).toEqual(['lease'])
    })

    it('lists by prefix, in order, across folders', async () => {
      for (const key of ['b/2', 'a', 'b/10', 'bc', 'b/x/y']) await store.put(key, bytes(key))
      const keys = async (prefix?: string) => (await store.list(prefix)).map(({ key }) => key)
      expect(await keys()).toEqual(['a', 'b/10', 'b/2', 'b/x/y', 'bc'])
      expect(await keys('b/')).toEqual(['b/10', 'b/2', 'b/x/y'])
      expect(await keys('b')).toEqual(['b/10', 'b/2', 'b/x/y', 'bc'])
      expect(await keys('none')).toEqual([])
    })

    it('deletes, and deleting what is not there is no error', async () => {
      await store.put('gone', bytes('x'))
      await store.delete('gone')
      await store.delete('gone')
      expect(await store.size('gone')).toBeUndefined()
      expect(await store.list()).toEqual([])
    })

    it('says NOT_FOUND where there is no such key', async () => {
      await expect(store.read('missing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await store.size('missing')).toBeUndefined()
    })

    it('refuses keys that leave the root', async () => {
      for (const key of ['', '/etc/passwd', '../up', 'a/../../up', 'a//b', './a']) {
        await expect(store.put(key, bytes('x')), key).rejects.toMatchObject({ code: 'STORE_KEY' })
      }
    })
  })
}
