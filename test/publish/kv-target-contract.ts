import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KvTarget } from '../../job/publish/kv-target.ts'

/** What every {@link KvTarget} must do. `open` gives an empty one. */
export function describeKvTarget(name: string, open: () => Promise<KvTarget>): void {
  describe(`KvTarget contract: ${name}`, () => {
    let target: KvTarget
    beforeAll(async () => {
      target = await open()
    })
    afterAll(() => target.close())

    test('a key that was never put is undefined', async () => {
      expect(await target.get('never')).toBeUndefined()
    })

    test('any bytes come back as they were put', async () => {
      const everyByte = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 167) >> 3)
      await target.putMany([
        { key: 'bytes', value: everyByte },
        { key: 'empty', value: new Uint8Array() },
      ])
      expect(await target.get('bytes')).toEqual(everyByte)
      expect(await target.get('empty')).toEqual(new Uint8Array())
    })

    test('a view into a larger buffer puts its own bytes only', async () => {
      await target.putMany([{ key: 'view', value: Uint8Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5) }])
      expect(await target.get('view')).toEqual(Uint8Array.of(1, 2, 3))
    })

    test('a second put overwrites, at once', async () => {
      for (const byte of [1, 2, 3]) {
        await target.putMany([{ key: 'again', value: Uint8Array.of(byte) }])
        expect(await target.get('again')).toEqual(Uint8Array.of(byte))
      }
    })

    test('many keys are put and deleted; deleting a key that is not there is no error', async () => {
      const keys = Array.from({ length: 60 }, (_, i) => `v/20260423T031500Z-aaaaaa/b/${i}`)
      await target.putMany(keys.map((key, i) => ({ key, value: Uint8Array.of(i) })))
      expect(await Promise.all(keys.map((key) => target.get(key)))).toEqual(
        keys.map((_, i) => Uint8Array.of(i)),
      )
      await target.deleteMany([...keys.slice(1), 'never'])
      expect(await Promise.all(keys.map((key) => target.get(key)))).toEqual([
        Uint8Array.of(0),
        ...keys.slice(1).map(() => undefined),
      ])
    })

    test('nothing to put and nothing to delete is fine', async () => {
      await target.putMany([])
      await target.deleteMany([])
    })

    test('a value of ten million bytes fits', async () => {
      const value = new Uint8Array(10_000_000).fill(5)
      await target.putMany([{ key: 'large', value }])
      expect((await target.get('large'))?.byteLength).toBe(value.byteLength)
    })
  })
}
