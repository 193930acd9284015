import { backendPackages } from '../engine/tfjs/backend-packages.ts'
import { installedVersions } from '../engine/tfjs/installed-versions.ts'
import { type GpuBackend, gpuBackends, type Probe } from '../engine/tfjs/probe-backends.ts'
import type { CheckGroup } from './check.ts'
import { cpuChecks, packageChecks } from './cpu-checks.ts'
import { credentialChecks } from './credential-checks.ts'
import { driverChecks, probeChecks, usualPlaces } from './gpu-checks.ts'
import { machineChecks, machineFacts } from './machine-checks.ts'
import { runTool } from './run-tool.ts'

/** What a machine has, and what it is good for. */
export interface Examination {
  groups: CheckGroup[]
  /** Whether training on the CPU would work. */
  cpu: boolean
  /** Whether a GPU works; null where none was looked for. */
  gpu: boolean | null
  /** The same in one line. */
  verdict: string
}

/**
 * Looks at everything that nightjar needs or can use.
 *
 * @param wantsGpu whether GPUs are asked about; if not, they are probed only where a package for them is installed
 */
export async function examine(
  wantsGpu: boolean,
  probe: (backends: readonly GpuBackend[]) => Promise<Probe[]>,
): Promise<Examination> {
  const machine = { title: 'This machine', checks: machineChecks(await machineFacts()) }
  const cpu = { title: 'Training on the CPU', checks: await cpuChecks() }
  const groups: CheckGroup[] = [
    machine,
    cpu,
    { title: 'Packages', checks: packageChecks() },
    { title: 'Credentials', checks: await credentialChecks() },
  ]
  const isReady = ![...machine.checks, ...cpu.checks].some(({ mark }) => mark === 'missing')
  if (!wantsGpu && !gpuBackends.some(isInstalled))
    return { groups, ...conclude(isReady, undefined, wantsGpu) }
  const probes = await probe(gpuBackends)
  const checks = [...(await driverChecks(runTool, usualPlaces)), ...probeChecks(probes, wantsGpu)]
  groups.splice(2, 0, { title: 'Training on a GPU', checks })
  return { groups, ...conclude(isReady, probes, wantsGpu) }
}

/** The verdict: about GPUs where they were asked about, else about the CPU. */
export function conclude(
  cpu: boolean,
  probes: Probe[] | undefined,
  wantsGpu: boolean,
): Omit<Examination, 'groups'> {
  const found = probes?.find(({ gpu }) => gpu)
  const gpu = probes === undefined ? null : found !== undefined
  const onCpu = cpu ? 'training on the CPU works' : 'training does not work here: see what is missing'
  const onGpu =
    found === undefined ? 'no GPU works here' : `a GPU works: ${found.device}, by ${found.backend}`
  if (!cpu) return { cpu, gpu, verdict: onCpu }
  if (wantsGpu) return { cpu, gpu, verdict: found === undefined ? `${onGpu}; ${onCpu}` : onGpu }
  return { cpu, gpu, verdict: found === undefined ? onCpu : `${onCpu}, and ${onGpu}` }
}

/** The package that a backend is named for: the others of webgpu are there for other uses too. */
function isInstalled(backend: GpuBackend): boolean {
  const name = backendPackages[backend].at(-1) as string
  return installedVersions([name])[name] !== undefined
}
