import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { csrFromPairs } from '../../../job/data/csr-matrix.ts'
import { configurationOf } from '../../../job/experiments/reproduce/configuration.ts'
import { type SystemName, systemNames, systems } from '../../../job/experiments/reproduce/systems.ts'
import { easeKind } from '../../../job/models/ease.ts'
import { modelKind, modelNames } from '../../../job/models/model-kinds.ts'
import { openStore } from '../../../job/store/open-store.ts'
import { tempFolder } from '../../temp-folder.ts'

const ratings = csrFromPairs(Uint32Array.of(0, 1), Uint32Array.of(0, 1), 2, 2)

/** Configurations by `folder/system`, and a way to look one up. */
async function configs(files: Record<string, object>) {
  const folder = await tempFolder()
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, `${name}.json`), JSON.stringify(content))
  }
  return (system: SystemName, names = ['mine', 'ml-1m']) =>
    configurationOf(system, names, openStore(folder), ratings)
}

const easeOf = (l2: number) => ({ model: 'ease', options: { l2 }, epochs: 1 })
const settledEase = (l2: number) => ({ ...easeKind.defaults, l2 })

it("takes the data's own file, then one of its other names, then that of any data, then the model's defaults", async () => {
  const all = { 'default/ease': easeOf(1), 'ml-1m/ease': easeOf(2), 'mine/ease': easeOf(3) }
  const found = async (files: Record<string, object>) => {
    const { model, config, isOfData } = (await (await configs(files))('ease'))!
    return [model, config, isOfData]
  }
  expect(await found(all)).toEqual([settledEase(3), 'configs/mine/ease.json', true])
  const { 'mine/ease': _, ...two } = all
  expect(await found(two)).toEqual([settledEase(2), 'configs/ml-1m/ease.json', true])
  expect(await found({ 'default/ease': easeOf(1) })).toEqual([
    settledEase(1),
    'configs/default/ease.json',
    false,
  ])
  expect(await found({ 'mine/mf': {} })).toEqual([easeKind.defaults, undefined, false])
})

it('leaves the epochs to a search where nobody gives them, but for a model of one', async () => {
  const of = await configs({
    'mine/ials': { model: 'ials', options: {} },
    'mine/mf': { model: 'mf', options: {}, epochs: 7 },
  })
  expect((await of('ials'))?.epochs).toBeUndefined()
  expect((await of('mf'))?.epochs).toBe(7)
  expect((await of('ease'))?.epochs).toBe(1)
})

it('has what makes a variant of JCA, whatever the file leaves out, and l2 settled', async () => {
  const of = await configs({ 'mine/jca-mse': { model: 'jca', options: { hidden: 8 }, epochs: 3 } })
  expect((await of('jca-mse'))?.model).toMatchObject({
    loss: 'mse',
    itemFactor: true,
    hidden: 8,
    l2: expect.any(Number),
  })
  expect((await of('jca-bpr'))?.model).toMatchObject({ loss: 'bpr' })
  expect((await of('jca-nf'))?.model).toMatchObject({ loss: 'hinge', itemFactor: false })
})

it('refuses a file of another system, of no shape, or with an option that the model lacks', async () => {
  const codeOf = async (file: object, system: SystemName = 'jca-mse') => {
    const of = await configs({ [`mine/${system}`]: file })
    return of(system).then(
      () => undefined,
      (error) => error.code,
    )
  }
  expect(await codeOf({ model: 'jca', options: { loss: 'bpr' }, epochs: 1 })).toBe('CONFIG_SYSTEM')
  expect(await codeOf({ model: 'ease', options: {}, epochs: 1 })).toBe('CONFIG_SYSTEM')
  expect(await codeOf({ model: 'jca', options: [], epochs: 1 })).toBe('CONFIG_FILE')
  expect(await codeOf({ model: 'jca', options: { hiden: 5 }, epochs: 1 })).toBe('USAGE')
  expect(await codeOf({ model: 'ease', options: {}, epochs: 2 }, 'ease')).toBe('USAGE')
  const parts = ['ials', 'ease'].map((model) => ({ model, options: {}, epochs: 1, weight: 0.5 }))
  const blend = { model: 'blend', options: { parts }, epochs: 1 }
  expect(await codeOf({ ...blend, ablations: { ials: { ease: 1 } } }, 'blend')).toBeUndefined()
  expect(await codeOf({ ...blend, ablations: { ials: { esae: 1 } } }, 'blend')).toBe('CONFIG_FILE')
  expect(await codeOf({ ...blend, ablations: { isal: { ease: 1 } } }, 'blend')).toBe('CONFIG_FILE')
})

it('looks for no file in folders whose names are no keys', async () => {
  const of = await configs({ 'default/ease': easeOf(9) })
  expect((await of('ease', ['..', 'a b', 'ä/../x']))?.config).toBe('configs/default/ease.json')
})

it('knows every model under some system, and has nothing for a model that is not there', async () => {
  const named = new Set(systemNames.map((name) => systems[name].model))
  expect(modelNames.filter((name) => !named.has(name))).toEqual([])
  const of = await configs({})
  for (const name of systemNames)
    expect((await of(name)) === undefined, name).toBe(modelKind(systems[name].model) === undefined)
})
