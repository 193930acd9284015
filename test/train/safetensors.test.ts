import { expect, it } from 'vitest'
import { openStore } from '../../job/store/open-store.ts'
import { readSafetensors, writeSafetensors } from '../../job/train/safetensors.ts'
import { tempFolder } from '../temp-folder.ts'

const tensors = [
  { name: 'a', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN) },
  { name: 'empty', shape: [0], data: new Float32Array() },
  { name: 'b', shape: [1], data: Float32Array.of(-0) },
]

it('reads back names, shapes, bits and metadata', async () => {
  const store = openStore(await tempFolder())
  await writeSafetensors(store, 'x.safetensors', tensors, { step: '7', text: 'ü "quoted"' })
  const read = await readSafetensors(store, 'x.safetensors')
  expect([...read.tensors.values()]).toEqual(tensors)
  expect(read.metadata).toEqual({ step: '7', text: 'ü "quoted"' })
})

it('is laid out as the format says: header length, JSON, data at a multiple of eight', async () => {
  const store = openStore(await tempFolder())
  await writeSafetensors(store, 'x', tensors, {})
  const bytes = await store.read('x')
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect((8 + length) % 8).toBe(0)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  expect(header.a).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] })
  expect(header.b).toEqual({ dtype: 'F32', shape: [1], data_offsets: [24, 28] })
  expect(bytes.length).toBe(8 + length + 28)
})

it('refuses a file that was cut at any byte', async () => {
  const store = openStore(await tempFolder())
  await writeSafetensors(store, 'x', tensors, {})
  const whole = await store.read('x')
  for (let length = 0; length < whole.length; length += 5) {
    await store.put('cut', whole.slice(0, length))
    await expect(readSafetensors(store, 'cut'), `${length} bytes`).rejects.toMatchObject({
      code: 'SAFETENSORS',
    })
  }
})
