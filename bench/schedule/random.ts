/** Seeded draws, so that a set of graphs is the same everywhere. */
export interface Draw {
  /** From 0 up to 1. */
  unit(): number
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number
  between(least: number, most: number): number
  /** Of a normal distribution, but nothing below a twentieth of the mean. */
  normal(mean: number, deviation: number): number
  /** Most are short and a few very long: log-normal, its median 1. */
  heavy(sigma: number): number
}

/** mulberry32: small, and good enough for shapes. */
export function newDraw(seed: number): Draw {
  let state = seed >>> 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())
  return {
    unit,
    whole: (least, most) => least + Math.floor(unit() * (most - least + 1)),
    between: (least, most) => least + unit() * (most - least),
    normal: (mean, deviation) => Math.max(mean / 20, mean + deviation * gauss()),
    heavy: sigma => Math.exp(sigma * gauss()),
  }
}
