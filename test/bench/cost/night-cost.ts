import { machineTypes } from '../../../job/cloud/batch/prices.ts'
import { assumed, cpuTypes, type GpuSpeed, gpuSpeeds } from './assumptions.ts'
import { bucketBytes, keysOf } from './kv-month.ts'
import { measuredNight, wholeNight } from './measured-night.ts'
import { nightHours, nightWork } from './night-work.ts'
import { aws } from './service-prices.ts'
import { type Shop, shopOf } from './shop.ts'

/** One line of a night's bill: the sum in figures, and what it comes to. */
export interface BillLine {
  what: string
  sum: string
  dollars: number
}

export interface Bill {
  lines: BillLine[]
  /** Paid for, starting and ending included. */
  hours: number
  dollars: number
}

export const daysOfMonth = 30
const hoursOfMonth = 24 * daysOfMonth

export interface MachineNight {
  type: string
  hours: number
  /** Dollars of the machine, its disk and its address. */
  dollars: number
  lines: BillLine[]
}

export function cpuNight(users: number): MachineNight {
  const type = users <= cpuTypes.usualUpTo ? cpuTypes.usual : cpuTypes.large
  return machineNight(type, nightHours(nightWork(users)) + assumed.cpuStartMinutes.value / 60)
}

export function gpuNight(
  users: number,
  { type, timesFaster }: Pick<GpuSpeed, 'type' | 'timesFaster'>,
): MachineNight {
  return machineNight(type, nightHours(nightWork(users), timesFaster) + assumed.gpuStartMinutes.value / 60)
}

function machineNight(type: string, hours: number): MachineNight {
  const price = machineTypes[type].dollars
  const share = assumed.spotShare.value
  const disk = (assumed.diskGb.value * aws.diskGbMonth.dollars) / hoursOfMonth
  const beside = disk + aws.addressHour.dollars
  const lines = [
    {
      what: `machine: ${type}, Spot`,
      sum: `${figure(hours)} h x ${price} x ${share}`,
      dollars: hours * price * share,
    },
    {
      what: 'its disk and address',
      sum: `${figure(hours)} h x (${assumed.diskGb.value} GB x ${aws.diskGbMonth.dollars} / ${hoursOfMonth} + ${aws.addressHour.dollars})`,
      dollars: hours * beside,
    },
  ]
  return { type, hours, lines, dollars: totalOf(lines) }
}

/** All of AWS for one night of a shop that has had nights for a year. */
export function nightBill(users: number, on: 'cpu' | 'gpu'): Bill {
  const shop = shopOf(users)
  const machine = on === 'cpu' ? cpuNight(users) : gpuNight(users, gpuSpeeds[0])
  // What follows the hours so little that it does not show: the longer night's.
  const longest = Math.max(cpuNight(users).hours, gpuNight(users, gpuSpeeds[0]).hours)
  const imageGb = (on === 'cpu' ? assumed.cpuImageGb : assumed.gpuImageGb).value
  const lines = [
    ...machine.lines,
    ...storageLines(shop),
    requestLine(shop, longest),
    outLine(shop),
    logLine(longest),
    {
      what: 'two alarms, one metric',
      sum: `(2 x ${aws.alarmMonth.dollars} + ${aws.metricMonth.dollars}) / ${daysOfMonth}`,
      dollars: (2 * aws.alarmMonth.dollars + aws.metricMonth.dollars) / daysOfMonth,
    },
    {
      what: 'secret, read once; schedule, one start',
      sum: `${aws.secretMonth.dollars} / ${daysOfMonth} + 0.000005 + 0.000001`,
      dollars: aws.secretMonth.dollars / daysOfMonth + aws.secretCall.dollars + aws.schedulerCall.dollars,
    },
    {
      what: 'image in ECR',
      sum: `${imageGb} GB x ${aws.imageGbMonth.dollars} / ${daysOfMonth}`,
      dollars: (imageGb * aws.imageGbMonth.dollars) / daysOfMonth,
    },
  ]
  return { lines, hours: machine.hours, dollars: totalOf(lines) }
}

/** Bytes of what lies in S3: the model's weights, its checkpoint with both moments, a night's run. */
function bytesOf({ users, items, hidden, rows }: Shop) {
  const weights = 4 * (2 * (users + items) * hidden + 2 * items + users + 2 * hidden)
  return {
    weights,
    checkpoint: 3 * weights,
    dataset: rows * (wholeNight.datasetBytesPerRow + wholeNight.incomingBytesPerRow),
    run:
      weights +
      (measuredNight.runBytes.foldIn / measuredNight.items) * items +
      wholeNight.scoreBytesPerUser * users,
  }
}

/** Days that infra/stack/storage.ts keeps a night's run, and what was written over in the bucket of runs. */
const runDays = 365
const overwrittenDays = 7

function checkpointsOf({ checkpointEvery, users }: Shop): number {
  return Math.floor(nightWork(users).epochCount / checkpointEvery)
}

function storageLines(shop: Shop): BillLine[] {
  const bytes = bytesOf(shop)
  const price = aws.s3GbMonth.dollars
  const kept = (bytes.dataset + runDays * bytes.run) / 1e9
  const checkpoints = checkpointsOf(shop)
  // The gate's candidate is deleted at the end of the night.
  const written = (checkpoints * bytes.checkpoint + bytes.weights) / 1e9
  return [
    {
      what: 'S3: data, and a year of nights',
      sum: `(${figure(bytes.dataset / 1e9)} GB + ${runDays} x ${figure(bytes.run / 1e9)} GB) x ${price} / ${daysOfMonth}`,
      dollars: (kept * price) / daysOfMonth,
    },
    {
      what: 'S3: checkpoints and candidate, seven days as old versions',
      sum: `(${checkpoints} x ${figure(bytes.checkpoint / 1e9)} + ${figure(bytes.weights / 1e9)}) GB x ${overwrittenDays} x ${price} / ${daysOfMonth}`,
      dollars: (written * overwrittenDays * price) / daysOfMonth,
    },
  ]
}

/** Bytes of a part of an upload. */
const partBytes = 16 * 2 ** 20

function requestLine(shop: Shop, hours: number): BillLine {
  const bytes = bytesOf(shop)
  const checkpointParts = checkpointsOf(shop) * Math.ceil(bytes.checkpoint / partBytes)
  // The lease is renewed each minute; some hundred files beside.
  const puts = checkpointParts + Math.ceil(bytes.run / partBytes) + Math.ceil(60 * hours) + 100
  const gets = puts
  return {
    what: 'S3: requests',
    sum: `${whole(puts)} PUT x ${aws.s3Put.dollars} + as many GET x ${aws.s3Get.dollars.toFixed(7)}`,
    dollars: puts * aws.s3Put.dollars + gets * aws.s3Get.dollars,
  }
}

/** Values travel as base64 in JSON. */
function outLine(shop: Shop): BillLine {
  const gb = (keysOf(shop).userBuckets * bucketBytes * 4) / 3 / 1e9
  return {
    what: "data out, to Cloudflare's KV",
    sum: `${figure(gb)} GB x ${aws.outGb.dollars}`,
    dollars: gb * aws.outGb.dollars,
  }
}

function logLine(hours: number): BillLine {
  // A line of progress every ten seconds, of some 200 bytes.
  const gb = (measuredNight.logBytes + 360 * hours * 200) / 1e9 + assumed.flowLogGb.value
  return {
    what: 'logs, kept three months',
    sum: `${figure(gb)} GB x (${aws.logsGb.dollars} + 3 x ${aws.logsGbMonth.dollars})`,
    dollars: gb * (aws.logsGb.dollars + 3 * aws.logsGbMonth.dollars),
  }
}

export function totalOf(lines: readonly { dollars: number }[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0)
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  return value >= 100 ? whole(value) : String(Number(value.toPrecision(value < 0.1 ? 2 : 3)))
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
