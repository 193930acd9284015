/** What the module in assembly/ exports; see there. */
export interface FoldInKernels {
  encode(
    out: number,
    encoder: number,
    bias: number,
    offsets: number,
    items: number,
    scales: number,
    rows: number,
    hidden: number,
    stride: number,
  ): void
  observe(
    hidden: number,
    hiddenGradient: number,
    decoder: number,
    decoderGradient: number,
    offsets: number,
    items: number,
    rows: number,
    rest: number,
    stride: number,
  ): number
  backward(
    hidden: number,
    hiddenGradient: number,
    encoderGradient: number,
    biasGradient: number,
    offsets: number,
    items: number,
    scales: number,
    rows: number,
    stride: number,
  ): void
  dots(x: number, y: number, rows: number, stride: number): number
}
