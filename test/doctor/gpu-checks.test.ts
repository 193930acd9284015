import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DriverPlaces, driverChecks, probeChecks } from '../../job/doctor/gpu-checks.ts'
import type { RunTool } from '../../job/doctor/run-tool.ts'
import type { Probe } from '../../job/engine/tfjs/probe-backends.ts'
import { tempFolder } from '../temp-folder.ts'

const noTool: RunTool = async () => undefined
const nowhere: DriverPlaces = { platform: 'linux', env: {}, icdFolders: [], libraryFolders: [] }
const find = async (name: string, runTool: RunTool, places: DriverPlaces) =>
  (await driverChecks(runTool, places)).find((check) => check.name === name)

describe('checks of drivers', () => {
  it("tell NVIDIA's GPUs, memory, driver and CUDA", async () => {
    const smi: RunTool = async (_, args) =>
      args.length > 0
        ? 'NVIDIA A10G, 535.183.01, 23028 MiB\nNVIDIA A10G, 535.183.01, 23028 MiB\n'
        : '| NVIDIA-SMI 535.183.01   Driver Version: 535.183.01   CUDA Version: 12.2     |'
    expect(await find('nvidia', smi, nowhere)).toEqual({
      name: 'nvidia',
      mark: 'ok',
      text: 'NVIDIA A10G, 23028 MiB, driver 535.183.01; NVIDIA A10G, 23028 MiB, driver 535.183.01, CUDA up to 12.2',
    })
  })

  it('note that nvidia-smi is not there', async () => {
    expect(await find('nvidia', noTool, nowhere)).toMatchObject({
      mark: 'note',
      fix: expect.stringContaining('driver'),
    })
  })

  it("find Vulkan's loader and its drivers' files", async () => {
    const folder = await tempFolder()
    await mkdir(join(folder, 'icd.d'))
    await writeFile(join(folder, 'icd.d', 'nvidia_icd.json'), '{}')
    await writeFile(join(folder, 'icd.d', 'README'), '')
    await writeFile(join(folder, 'libvulkan.so.1'), '')
    const places = {
      ...nowhere,
      icdFolders: ['/none', join(folder, 'icd.d')],
      libraryFolders: ['/none', folder],
    }
    expect(await find('libvulkan', noTool, places)).toMatchObject({
      mark: 'ok',
      text: expect.stringMatching(/libvulkan\.so\.1$/),
    })
    expect(await find('vulkan-drivers', noTool, places)).toEqual({
      name: 'vulkan-drivers',
      mark: 'ok',
      text: 'Vulkan drivers: nvidia_icd.json',
    })
  })

  it('note what of Vulkan is not there, on Linux alone', async () => {
    const marks = (await driverChecks(noTool, nowhere)).map(({ name, mark, fix }) => [
      name,
      mark,
      fix !== undefined,
    ])
    expect(marks).toContainEqual(['libvulkan', 'note', true])
    expect(marks).toContainEqual(['vulkan-drivers', 'note', true])
    expect(await driverChecks(noTool, { ...nowhere, platform: 'darwin' })).toHaveLength(1)
  })

  it('tell a choice of drivers by the environment', async () => {
    const env = { VK_ICD_FILENAMES: '/x/swiftshader.json' }
    expect(await find('vulkan-drivers', noTool, { ...nowhere, env })).toMatchObject({
      mark: 'note',
      text: 'Vulkan drivers: VK_ICD_FILENAMES=/x/swiftshader.json',
    })
  })
})

describe('checks by probes', () => {
  const works: Probe = { backend: 'webgpu', gpu: true, device: 'Some GPU', ms: 12.3, versions: {}, log: '' }
  const fails: Probe = {
    backend: 'tensorflow',
    gpu: false,
    lacks: { what: 'not installed', fix: 'npm install it' },
    versions: {},
    log: 'secrets of a driver',
  }

  it('call a backend missing where a GPU was asked about and none works', () => {
    expect(probeChecks([fails], true)).toEqual([
      { name: 'tensorflow', mark: 'missing', text: 'tensorflow: not installed', fix: 'npm install it' },
    ])
    expect(probeChecks([fails], false)[0].mark).toBe('note')
  })

  it('only note it where another one works', () => {
    expect(probeChecks([fails, works], true).map(({ mark, text }) => [mark, text])).toEqual([
      ['note', 'tensorflow: not installed'],
      ['ok', 'webgpu computes on Some GPU (12 ms)'],
    ])
  })
})
