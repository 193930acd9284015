import { cpuNight, gpuNight } from './night-cost.ts'
import { nightHours, nightWork } from './night-work.ts'
import { usersMax, usersMin } from './shop.ts'

/**
 * The smallest shop whose night costs less on a GPU, in users to two digits; undefined where none does.
 *
 * A GPU's hour costs more and its start takes longer; its epochs and scores take less. The first is the same for all shops, the
 * second grows with them, so there is one such size.
 */
export function gpuPaysFrom(type: string, timesFaster: number): number | undefined {
  return smallest((users) => gpuNight(users, { type, timesFaster }).dollars < cpuNight(users).dollars)
}

/** The smallest shop whose night on a CPU takes longer than so many hours. */
export function cpuTakesLongerThan(hours: number): number | undefined {
  return smallest((users) => nightHours(nightWork(users)) > hours)
}

/** By bisection on the logarithm; `holds` changes once, from false to true. */
function smallest(holds: (users: number) => boolean): number | undefined {
  if (!holds(usersMax)) return undefined
  let [low, high] = [usersMin, usersMax]
  if (holds(low)) return low
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high)
    if (holds(middle)) high = middle
    else low = middle
  }
  return Number(high.toPrecision(2))
}
