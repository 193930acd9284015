/** An option that a climb may move, by a factor, within bounds. */
interface ClimbStep {
  option: string
  factor: number
  from: number
  to: number
  /** Options that move along, each by a factor of its own. */
  along?: Readonly<Record<string, number>>
  /** A share of the score: what is worth a step that makes the work longer. */
  leastGain?: number
}

/** In the order in which they are moved. */
export type Climb = readonly ClimbStep[]

/**
 * Climbs from a starting point to better options: one option after the other is multiplied or divided by its factor for as
 * long as that is better. Few trials find a good place this way where the score has one peak; of two peaks it takes the nearer.
 *
 * @param start  each option of `climb` is a number in it
 * @param trial  how good options are (more is better), and what came of them
 * @param mayTry asked before each further trial; where it may not, the climb ends
 * @returns the options where the climb ends, with their trial: not one that scored higher, but by too little
 */
export async function climbOptions<Made>(
  start: Record<string, unknown>,
  climb: Climb,
  trial: (options: Record<string, unknown>) => Promise<{ score: number; made: Made }>,
  mayTry: () => boolean = () => true,
): Promise<{ options: Record<string, unknown>; score: number; made: Made }> {
  let best = { options: start, ...(await trial(start)) }
  for (const { option, factor, from, to, along = {}, leastGain = 0 } of climb) {
    for (const power of [1, -1]) {
      const before = best
      for (;;) {
        const moved = Object.entries({ [option]: factor, ...along }).map(([name, by]) => {
          return [name, Number(((best.options[name] as number) * by ** power).toPrecision(6))] as const
        })
        const value = moved[0][1]
        if (value < from || value > to) break
        if (!mayTry()) return best
        const options = { ...best.options, ...Object.fromEntries(moved) }
        const tried = await trial(options)
        if (tried.score <= best.score * (1 + leastGain)) break
        best = { options, ...tried }
      }
      // Having climbed one way, the other leads back.
      if (best !== before) break
    }
  }
  return best
}
