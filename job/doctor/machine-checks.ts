import { availableParallelism, release, totalmem, type } from 'node:os'
import { nightjarVersion } from '../nightjar-version.ts'
import type { Check } from './check.ts'
import { runTool } from './run-tool.ts'

/** What the machine is. */
export interface MachineFacts {
  nightjar: { version: string; commit: string | null }
  /** As `22.11.0`. */
  node: string
  system: string
  cores: number
  /** Cores' worth of time that the container may use, where it is limited. */
  coresAllowed?: number | undefined
  /** What the process may use: the container's limit, where there is one. */
  memoryBytes: number
}

export async function machineFacts(): Promise<MachineFacts> {
  return {
    nightjar: nightjarVersion(),
    node: process.versions.node,
    system: `${type()} ${release()}, ${process.arch}`,
    cores: availableParallelism(),
    // A file whose size is told as 0, so that a Store reads nothing of it.
    coresAllowed: coresAllowed(await runTool('cat', ['/sys/fs/cgroup/cpu.max'])),
    // 0 and huge numbers mean that there is no limit.
    memoryBytes: Math.min(process.constrainedMemory() || totalmem(), totalmem()),
  }
}

/** Of cgroup v2's `cpu.max`: `QUOTA PERIOD`, or `max PERIOD` where there is no limit. */
export function coresAllowed(cpuMax: string | undefined): number | undefined {
  const [quota, period] = (cpuMax ?? '').trim().split(' ').map(Number)
  return quota > 0 && period > 0 ? quota / period : undefined
}

export function machineChecks(facts: MachineFacts): Check[] {
  const { version, commit } = facts.nightjar
  return [
    {
      name: 'nightjar',
      mark: 'ok',
      text: `nightjar ${version}${commit === null ? '' : `, commit ${commit}`}`,
    },
    nodeCheck(facts.node),
    { name: 'system', mark: 'ok', text: facts.system },
    coresCheck(facts),
    memoryCheck(facts.memoryBytes),
  ]
}

function nodeCheck(node: string): Check {
  const [major, minor] = node.split('.').map(Number)
  const name = 'node'
  if (major < 20 || (major === 20 && minor < 19)) {
    return { name, mark: 'missing', text: `Node ${node} is too old`, fix: 'install Node 22 (20.19 at least)' }
  }
  if (major > 22) {
    return { name, mark: 'note', text: `Node ${node}: tfjs-node-gpu wants 18 to 22, all else runs` }
  }
  return { name, mark: 'ok', text: `Node ${node}${major === 22 ? '' : ' (22 is recommended)'}` }
}

function coresCheck({ cores, coresAllowed: allowed }: MachineFacts): Check {
  const text = `${cores} core${cores === 1 ? '' : 's'}`
  if (allowed === undefined || allowed >= cores) return { name: 'cores', mark: 'ok', text }
  return {
    name: 'cores',
    mark: 'note',
    text: `${text}, of which the container may use ${Number(allowed.toFixed(2))}`,
    fix: `--threads ${Math.max(1, Math.floor(allowed))}: more threads wait for each other`,
  }
}

function memoryCheck(bytes: number): Check {
  const text = `${(bytes / 2 ** 30).toFixed(1)} GiB of memory`
  // Import alone may take 1 GB before it spills to disk.
  if (bytes < 2 * 2 ** 30) return { name: 'memory', mark: 'note', text: `${text}: little for large datasets` }
  return { name: 'memory', mark: 'ok', text }
}
