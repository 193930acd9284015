/** A mark and its name, in units of the drawing; `y` grows downwards. */
export interface Labelled {
  x: number
  y: number
  label: string
  /** Whether the name had better stand above, since a line goes on beside it. */
  isAbove?: boolean
}

/** Where a name stands: its nearer end beside the mark, its middle above or below it. */
export interface LabelPlace {
  x: number
  y: number
  align: 'left' | 'right'
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** Of a letter, about: names are short, and a little too much room does no harm. */
const [letterWidth, letterHeight] = [6.3, 12]
const dotHalf = 5

/** To the right of a mark or the left, and how far below it: the first free one is taken. */
const sidesAt = (heights: readonly number[]) =>
  heights.flatMap((below) => [
    { align: 'left' as const, below },
    { align: 'right' as const, below },
  ])
const beside = sidesAt([0, 9, -9, 18, -18])
const above = sidesAt([-10, -18, 10])

/**
 * Names for marks, each where it covers neither another name nor a mark, and is within the drawing.
 *
 * @returns of each mark; undefined where no place is free
 */
export function placeLabels(
  marks: readonly Labelled[],
  width: number,
  height: number,
): (LabelPlace | undefined)[] {
  const taken: Box[] = marks.map(({ x, y }) => {
    return { left: x - dotHalf, right: x + dotHalf, top: y - dotHalf, bottom: y + dotHalf }
  })
  return marks.map(({ x, y, label, isAbove }) => {
    const places = (isAbove ? above : beside).map(({ align, below }) => {
      // Above or below the mark itself a name may begin over it.
      const off = below === 0 ? dotHalf + 2 : 2
      const place = { align, x: align === 'left' ? x + off : x - off, y: y + below }
      return { place, box: boxOf(place, label) }
    })
    const free = places.find(
      ({ box }) => isWithin(box, width, height) && !taken.some((other) => overlap(box, other)),
    )
    if (free !== undefined) taken.push(free.box)
    return free?.place
  })
}

function boxOf({ x, y, align }: LabelPlace, label: string): Box {
  const long = letterWidth * label.length
  const [left, right] = align === 'left' ? [x, x + long] : [x - long, x]
  return { left, right, top: y - letterHeight / 2, bottom: y + letterHeight / 2 }
}

function isWithin({ left, right, top, bottom }: Box, width: number, height: number): boolean {
  return left >= 0 && right <= width && top >= 0 && bottom <= height
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
