/**
 * What is reckoned with and was not measured on the machines that it is about. Every figure stands here once, with where it
 * comes from: to put a measurement in a figure's place, change its line and run `npm run cost`.
 */

/** A machine with a GPU, and how many times as fast as two cores of the measuring machine it runs an epoch. */
export interface GpuSpeed {
  /** A key of `machineTypes`. */
  type: string
  gpu: string
  timesFaster: number
  source: string
}

/** The first one is reckoned with in the tables of a night; all of them are in the table of sizes. */
export const gpuSpeeds: readonly [GpuSpeed, ...GpuSpeed[]] = [
  {
    type: 'g4dn.xlarge',
    gpu: 'T4',
    timesFaster: 5,
    source: 'not measured: assumed, as its memory is five times as fast (320 GB/s against some 65)',
  },
  {
    type: 'g5.xlarge',
    gpu: 'A10G',
    timesFaster: 9,
    source: 'not measured: assumed, as its memory is nine times as fast (600 GB/s against some 65)',
  },
]

/** Machines of the CPU's night: the second where the first has too little memory. */
export const cpuTypes = { usual: 'c6i.xlarge', large: 'm6i.xlarge', usualUpTo: 300_000 } as const

export const assumed = {
  /** How many times as long four vCPUs of EC2 (two cores with two threads each) take as two cores of the measuring machine. */
  ec2Slower: { value: 1.5, source: 'not measured: assumed' },
  /** Spot's share of the price on demand. It changes by the hour, the place and the type. */
  spotShare: { value: 0.5, source: "assumed, as in AWS's own example of c5.2xlarge in us-east-1" },
  /** Minutes that are paid before and behind the container: machine, agent, image, waiting to be ended. */
  cpuStartMinutes: { value: 5, source: 'not measured: assumed' },
  gpuStartMinutes: { value: 8, source: 'not measured: assumed, with an image of some GB' },
  /** The epoch that the search finds best. */
  bestEpoch: { value: 240, source: 'between 190 (Video Games) and 283 (MovieLens 1M), means of three seeds' },
  diskGb: { value: 30, source: "the root disk of AWS's images for ECS" },
  cpuImageGb: { value: 0.2, source: 'not built: assumed, packed' },
  gpuImageGb: {
    value: 4,
    source: 'not built: assumed, packed; CUDA, cuDNN and libtensorflow are most of it',
  },
  flowLogGb: { value: 0.002, source: 'not measured: assumed' },
  /** KV reads of one request, the most; docs/how-to/serve.md reckons the same. */
  readsPerRequest: { value: 10, source: 'docs/how-to/serve.md' },
  cpuMsPerRequest: { value: 0.3, source: 'docs/how-to/serve.md' },
} as const
