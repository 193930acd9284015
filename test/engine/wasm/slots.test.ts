import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { slotNames } from '../../../job/engine/wasm/slots.ts'

it('the orchestrator and the kernels agree on the slots', async () => {
  const source = await readFile('job/engine/wasm/assembly/layout.ts', 'utf8')
  const body = /const enum Slot \{(.*?)\n\}/s.exec(source)?.[1] ?? ''
  const names = [...body.matchAll(/^ {2}(\w+),$/gm)].map((match) => match[1])
  expect(names).toEqual([...slotNames])
})
