import { gpuSpeeds } from './assumptions.ts'
import { chartSizes, dollars } from './cost-tables.ts'
import { cpuNight, gpuNight, whole } from './night-cost.ts'

const [width, height] = [1010, 480]
const plot = { left: 80, right: 660, top: 90, bottom: 400 }
const ink = {
  title: '#1f2937',
  text: '#4b5563',
  line: '#e5e7eb',
  cpu: '#1d4ed8',
  gpu: '#b45309',
  bound: '#6b7280',
}
const ticks = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]
/** The least distance of two labels' lines. */
const labelStep = 22

interface Curve {
  label: string
  colour: string
  dash: string
  cost: (users: number) => number
}

const [first, second] = gpuSpeeds
const curves: Curve[] = [
  { label: 'CPU', colour: ink.cpu, dash: '', cost: (users) => cpuNight(users).dollars },
  ...[first, second].flatMap((speed, n) =>
    speed === undefined
      ? []
      : [
          {
            label: `${speed.gpu}, epochs ${speed.timesFaster} times as fast`,
            colour: ink.gpu,
            dash: n === 0 ? '' : '6 5',
            cost: (users: number) => gpuNight(users, speed).dollars,
          },
        ],
  ),
  {
    label: `${first.gpu}, if epochs took no time`,
    colour: ink.bound,
    dash: '2 4',
    cost: (users) => gpuNight(users, { type: first.type, timesFaster: Number.POSITIVE_INFINITY }).dollars,
  },
]

/** Which tick no curve goes beyond. */
const top = ticks.findIndex((tick) =>
  curves.every(({ cost }) => chartSizes.every((users) => cost(users) <= tick)),
)
const assumedOnes = gpuSpeeds.filter(({ source }) => source.startsWith('not measured')).map(({ gpu }) => gpu)
const note = assumedOnes.length === 0 ? '' : ` Speed of ${assumedOnes.join(' and ')}: assumed, not measured.`

/** The machine's dollars of a night by users, as SVG. */
export function costChart(): string {
  const [least, most] = [chartSizes[0], chartSizes[chartSizes.length - 1]]
  const ends = curves.map(
    (curve) => `${curve.label}: ${dollars(curve.cost(least))} to ${dollars(curve.cost(most))}`,
  )
  const labels = apart(curves.map((curve) => y(curve.cost(most))))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d" font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif" font-size="14">`,
    '<title id="t">What the machine of a night costs</title>',
    `<desc id="d">Dollars of a night on a Spot machine against the shop's users, from ${whole(least)} to ${whole(most)}. ${ends.join('; ')}.</desc>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>`,
    `<text x="24" y="36" font-size="18" font-weight="bold" fill="${ink.title}">What the machine of a night costs</text>`,
    `<text x="24" y="60" fill="${ink.text}">Dollars on Spot, with disk and address.${note}</text>`,
    ...ticks
      .slice(0, top + 1)
      .flatMap((value) => [
        `<line x1="${plot.left}" y1="${at(y(value))}" x2="${plot.right}" y2="${at(y(value))}" stroke="${ink.line}"/>`,
        `<text x="${plot.left - 10}" y="${at(y(value) + 5)}" text-anchor="end" fill="${ink.text}">${value}</text>`,
      ]),
    ...[10_000, 30_000, 100_000, 300_000, 1_000_000].map(
      (users) =>
        `<text x="${at(x(users))}" y="${plot.bottom + 24}" text-anchor="middle" fill="${ink.text}">${whole(users)}</text>`,
    ),
    `<text x="${(plot.left + plot.right) / 2}" y="452" text-anchor="middle" fill="${ink.text}">users (both scales are logarithmic)</text>`,
    ...curves.flatMap((curve, n) => drawn(curve, labels[n])),
    '</svg>',
    '',
  ].join('\n')
}

function drawn({ label, colour, dash, cost }: Curve, labelY: number): string[] {
  const stroke = `stroke="${colour}" stroke-width="2.5"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`
  const points = chartSizes.map((users) => [at(x(users)), at(y(cost(users)))])
  const key = plot.right + 16
  return [
    `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" ${stroke}/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
    `<line x1="${key}" y1="${at(labelY)}" x2="${key + 30}" y2="${at(labelY)}" ${stroke}/><text x="${key + 38}" y="${at(labelY + 5)}" fill="${colour}">${label}</text>`,
  ]
}

function x(users: number): number {
  const [least, most] = [chartSizes[0], chartSizes[chartSizes.length - 1]]
  return plot.left + (Math.log(users / least) / Math.log(most / least)) * (plot.right - plot.left)
}

function y(value: number): number {
  const share = Math.log(value / ticks[0]) / Math.log(ticks[top] / ticks[0])
  return plot.bottom - share * (plot.bottom - plot.top)
}

/** Moves labels down until none stands on another. */
function apart(places: number[]): number[] {
  const moved = [...places]
  const order = [...places.keys()].sort((a, b) => places[a] - places[b])
  for (let n = 1; n < order.length; n++)
    moved[order[n]] = Math.max(moved[order[n]], moved[order[n - 1]] + labelStep)
  return moved
}

function at(value: number): string {
  return value.toFixed(1)
}
