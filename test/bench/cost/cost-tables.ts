import { machineTypes, pricesFrom } from '../../../job/cloud/batch/prices.ts'
import { assumed, cpuTypes, gpuSpeeds } from './assumptions.ts'
import { cpuTakesLongerThan, gpuPaysFrom } from './break-even.ts'
import { keysOf, kvMonth } from './kv-month.ts'
import { measuredNight } from './measured-night.ts'
import { cpuNight, daysOfMonth, figure, gpuNight, nightBill, totalOf, whole } from './night-cost.ts'
import { nightHours, nightWork, reckonedSeconds } from './night-work.ts'
import { aws, type ServicePrice, servicesRead } from './service-prices.ts'
import { measuredSizes, shopOf } from './shop.ts'

/** Sizes that the page shows. */
const shown = [10_000, 100_000, 1_000_000]
export const chartSizes = [
  10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 300_000, 500_000, 700_000, 1_000_000,
]

/** Everything in docs/cost.md that is reckoned, by the name of its place. */
export function costBlocks(): Record<string, string> {
  return {
    glance: glanceTable(),
    'bill-10000': billTable(10_000),
    'bill-1000000': billTable(1_000_000),
    serving: servingTable(),
    work: workTable(),
    check: checkLine(),
    pays: paysTable(),
    sizes: sizesTable(),
    assumed: assumedTable(),
    prices: priceTable(),
  }
}

export function dollars(value: number): string {
  if (value === 0) return '0'
  return value < 0.0005 ? '< 0.001' : value.toFixed(value < 1 ? 3 : 2)
}

function glanceTable(): string {
  const gpu = gpuSpeeds[0]
  const row = (what: string, of: (users: number) => string) => [what, ...shown.map(of)]
  const bold = (value: number) => `**${dollars(value)}**`
  return table(
    ['', ...shown.map((users) => `${whole(users)} users`)],
    [
      row('items, rows', (users) => `${whole(shopOf(users).items)}, ${millions(shopOf(users).rows)}`),
      row('night on a CPU, hours', (users) => figure(cpuNight(users).hours)),
      row(`night on a ${gpu.gpu}, hours`, (users) => figure(gpuNight(users, gpu).hours)),
      row('machine, CPU on Spot, $ a night', (users) => dollars(cpuNight(users).dollars)),
      row(`machine, ${gpu.gpu} on Spot, $ a night`, (users) => dollars(gpuNight(users, gpu).dollars)),
      row('**all of AWS, CPU, $ a night**', (users) => bold(nightBill(users, 'cpu').dollars)),
      row(`**all of AWS, ${gpu.gpu}, $ a night**`, (users) => bold(nightBill(users, 'gpu').dollars)),
      row('Cloudflare, $ a day, the most', (users) => dollars(totalOf(kvMonth(shopOf(users))) / daysOfMonth)),
    ],
  )
}

export function billTable(users: number): string {
  const [cpu, gpu] = [nightBill(users, 'cpu'), nightBill(users, 'gpu')]
  const rows = cpu.lines.flatMap((line, n) => {
    const other = gpu.lines[n]
    if (line.sum === other.sum) return [[line.what, line.sum, dollars(line.dollars), dollars(other.dollars)]]
    const gpuWhat = line.what === other.what ? `${line.what}, with the GPU` : other.what
    return [
      [line.what, line.sum, dollars(line.dollars), ''],
      [gpuWhat, other.sum, '', dollars(other.dollars)],
    ]
  })
  return table(
    ['a night', 'sum', 'CPU, $', `${gpuSpeeds[0].gpu}, $`],
    [...rows, ['**together**', '', `**${dollars(cpu.dollars)}**`, `**${dollars(gpu.dollars)}**`]],
  )
}

function servingTable(): string {
  const months = [shown[0], shown[2]].map((users) => kvMonth(shopOf(users)))
  const rows = months[0].map((line, n) => [
    line.what,
    ...months.flatMap((month) => [month[n].sum, dollars(month[n].dollars)]),
  ])
  const totals = months.map((month) => totalOf(month))
  return table(
    ['a month', `${whole(shown[0])} users`, '$', `${whole(shown[2])} users`, '$'],
    [
      ...rows,
      ['**a month**', ...totals.flatMap((total) => ['', `**${dollars(total)}**`])],
      ['a day', ...totals.flatMap((total) => [`/ ${daysOfMonth}`, dollars(total / daysOfMonth)])],
    ],
  )
}

function workTable(): string {
  return table(
    [
      'users',
      'items',
      'rows',
      '`--hidden`',
      '`--batch-users`',
      'an epoch, s',
      'everybody ranked, s',
      'fold-in epoch, s',
      'memory, GiB',
      'the night here, h',
    ],
    measuredSizes.map((size) => [
      whole(size.users),
      whole(size.items),
      millions(size.pairs),
      String(size.hidden),
      whole(size.batchUsers),
      figure(size.epochSeconds),
      figure(size.users * size.rankSecondsPerUser),
      figure(size.foldInEpochSeconds),
      figure(size.peakGiB),
      figure(nightHours(nightWork(size.users)) / assumed.ec2Slower.value),
    ]),
  )
}

function checkLine(): string {
  const { bestEpoch, wholeSeconds, kvKeys, users, items } = measuredNight
  const reckoned = reckonedSeconds(nightWork(users, bestEpoch))
  return [
    `Whole nights of a made shop of ${whole(users)} users were run besides: the second one took ${figure(wholeSeconds)} s, where these sums, with`,
    `the epoch that its search found best (${bestEpoch}), give ${figure(reckoned)} s; it wrote ${kvKeys} keys, as they say (${keysOf({ users, items }).version}).`,
  ].join('\n')
}

function paysTable(): string {
  const [{ type }] = gpuSpeeds
  const [cpu, gpu] = [machineTypes[cpuTypes.usual].dollars, machineTypes[type].dollars]
  const line = (speed: number) => whole2(gpuPaysFrom(type, speed))
  const speeds = [2, 3, 5, 10, 30]
  return [
    table(
      ['epochs and scores, times as fast', ...speeds.map((speed) => `${speed}x`), 'no time at all'],
      [[`a ${type} costs less from so many users`, ...speeds.map(line), line(Number.POSITIVE_INFINITY)]],
    ),
    '',
    ...gpuSpeeds.map(
      ({ gpu, type, timesFaster, source }) =>
        `- ${gpu} (${type}), ${timesFaster} times as fast: **${sizeOf(gpuPaysFrom(type, timesFaster))}**. ${sentence(source)}.`,
    ),
    '',
    `An hour of ${type} costs ${(gpu / cpu).toFixed(1)} times an hour of ${cpuTypes.usual}. The CPU's night is longer than the four hours that the stack gives an`,
    `attempt (\`timeoutSeconds\`) from ${whole2(cpuTakesLongerThan(4))} users on, and longer than eight from ${whole2(cpuTakesLongerThan(8))}.`,
  ].join('\n')
}

function sentence(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}

function sizeOf(users: number | undefined): string {
  return users === undefined ? 'at no size that was reckoned' : `from ${whole(users)} users on`
}

function whole2(users: number | undefined): string {
  return users === undefined ? 'never' : whole(users)
}

function sizesTable(): string {
  return table(
    [
      'users',
      'CPU, hours',
      'CPU, $',
      ...gpuSpeeds.flatMap(({ gpu, type }) => [`${gpu} (${type}), hours`, '$']),
    ],
    chartSizes.map((users) => {
      const cpu = cpuNight(users)
      const gpus = gpuSpeeds.map((speed) => gpuNight(users, speed))
      return [
        whole(users),
        figure(cpu.hours),
        dollars(cpu.dollars),
        ...gpus.flatMap((night) => [figure(night.hours), dollars(night.dollars)]),
      ]
    }),
  )
}

function assumedTable(): string {
  const names: Record<keyof typeof assumed, string> = {
    ec2Slower: 'four vCPUs of EC2 take so many times as long as two cores here',
    spotShare: "Spot's share of the price on demand",
    cpuStartMinutes: 'minutes paid before and behind the container, CPU',
    gpuStartMinutes: 'the same, GPU',
    bestEpoch: 'the epoch that the search finds best',
    diskGb: "GB of the machine's disk",
    cpuImageGb: 'GB of the image for CPUs',
    gpuImageGb: 'GB of the image for GPUs',
    flowLogGb: "GB of the network's flow log a night",
    readsPerRequest: 'KV reads a request, the most',
    cpuMsPerRequest: 'CPU ms a request',
  }
  return table(
    ['', '', 'where from'],
    [
      ...gpuSpeeds.map(({ gpu, timesFaster, source }) => [
        `epochs and scores, how many times as fast as on two cores here: ${gpu}`,
        String(timesFaster),
        source,
      ]),
      ...Object.entries(assumed).map(([name, { value, source }]) => [
        names[name as keyof typeof assumed],
        String(value),
        source,
      ]),
    ],
  )
}

function priceTable(): string {
  const types = [cpuTypes.usual, cpuTypes.large, ...gpuSpeeds.map(({ type }) => type)]
  return table(
    ['', '$', `read in; the services on ${servicesRead}`],
    [
      ...types.map((type) => [
        `hour of ${type}, on demand`,
        String(machineTypes[type].dollars),
        `${pricesFrom.source.replace('https://', '')}, ${pricesFrom.date}`,
      ]),
      ...Object.values<ServicePrice>(aws).map(({ unit, dollars, readIn }) => [
        unit,
        dollars.toFixed(7).replace(/0+$/, ''),
        readIn,
      ]),
    ],
  )
}

function millions(count: number): string {
  return `${figure(count / 1e6)} M`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' ')
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
