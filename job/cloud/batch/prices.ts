/** A machine type of EC2 as far as a job asks. */
export interface MachineType {
  gpus: number
  vcpus: number
  memoryGiB: number
  /** Dollars an hour, on demand, Linux, in us-east-1. */
  dollars: number
}

/**
 * When the table was written, and from where. Prices differ by region, by some 20 % in Europe, and change: this is for
 * the order of magnitude, and `--price` is for the rest. Spot prices change by the hour and are not here; they are lower.
 * Of the figures only that of g5.xlarge was compared with a second source when the table was written.
 */
export const pricesFrom = {
  date: '2026-06',
  region: 'us-east-1',
  source: 'https://aws.amazon.com/ec2/pricing/on-demand/',
}

export const machineTypes: Record<string, MachineType> = {
  'g4dn.xlarge': { gpus: 1, vcpus: 4, memoryGiB: 16, dollars: 0.526 },
  'g4dn.2xlarge': { gpus: 1, vcpus: 8, memoryGiB: 32, dollars: 0.752 },
  'g4dn.4xlarge': { gpus: 1, vcpus: 16, memoryGiB: 64, dollars: 1.204 },
  'g5.xlarge': { gpus: 1, vcpus: 4, memoryGiB: 16, dollars: 1.006 },
  'g5.2xlarge': { gpus: 1, vcpus: 8, memoryGiB: 32, dollars: 1.212 },
  'g5.4xlarge': { gpus: 1, vcpus: 16, memoryGiB: 64, dollars: 1.624 },
  'g6.xlarge': { gpus: 1, vcpus: 4, memoryGiB: 16, dollars: 0.8048 },
  'g6.2xlarge': { gpus: 1, vcpus: 8, memoryGiB: 32, dollars: 0.9776 },
  'p3.2xlarge': { gpus: 1, vcpus: 8, memoryGiB: 61, dollars: 3.06 },
  'c6i.xlarge': { gpus: 0, vcpus: 4, memoryGiB: 8, dollars: 0.17 },
  'c6i.2xlarge': { gpus: 0, vcpus: 8, memoryGiB: 16, dollars: 0.34 },
  'm6i.xlarge': { gpus: 0, vcpus: 4, memoryGiB: 16, dollars: 0.192 },
  'm6i.2xlarge': { gpus: 0, vcpus: 8, memoryGiB: 32, dollars: 0.384 },
}
