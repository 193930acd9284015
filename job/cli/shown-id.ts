/** An id as a line of text: as it is, or quoted like JSON where it would break the line. */
export function shownId(id: string): string {
  return /\p{Cc}/u.test(id) ? JSON.stringify(id) : id
}
