/**
 * The graphs on which schedules are compared. Shapes of real workflows, with the means and deviations of the run times of their
 * kinds of tasks as published (S. Bharathi et al., Characterization of Scientific Workflows, 2008; G. Juve et al.,
 * Characterizing and Profiling Scientific Workflows, 2013), and layered random graphs (T. Tobita, H. Kasahara, A Standard Task
 * Graph Set for Fair Evaluation of Multiprocessor Scheduling Algorithms, 2002) with even and with heavy-tailed durations.
 */
import type { JobParts } from '../../src/analysis/index.ts'
import { type Draw, newDraw } from './random.ts'

export interface Shape {
  readonly name: string
  /** About so many tasks, drawn by the seed. */
  readonly draw: (size: number, seed: number) => readonly JobParts[]
}

interface Growing {
  /** Its index. Seconds. */
  task(seconds: number, after?: readonly number[]): number
}

function grown(build: (graph: Growing, draw: Draw, size: number) => void): Shape['draw'] {
  return (size, seed) => {
    const parts: JobParts[] = []
    const task: Growing['task'] = (seconds, after = []) => parts.push({ durationMs: seconds * 1_000, after }) - 1
    build({ task }, newDraw(seed), size)
    return parts
  }
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at))

/** Images are projected, compared where they overlap, fitted at one point, corrected, and added up. */
const montage = grown(({ task }, draw, size) => {
  const images = Math.max(3, Math.round((size - 6) / 6))
  const projected = times(images, () => task(draw.normal(13.6, 0.24)))
  const overlaps = Math.max(images - 1, size - 6 - 2 * images)
  const compared = times(overlaps, at => {
    const first = at % images
    const second = (first + 1 + Math.floor(at / images)) % images
    return task(draw.normal(10.6, 0.12), [projected[first]!, projected[second]!])
  })
  const fitted = task(0.08 * overlaps, compared)
  const modelled = task(0.5 * images, [fitted])
  const corrected = projected.map(image => task(draw.normal(10.7, 0.16), [image, modelled]))
  const listed = task(0.4 * images, corrected)
  const added = task(0.6 * images, [listed])
  task(0.5, [task(draw.normal(7, 2), [added])])
})

/** Lanes of reads are split into chunks, each of which goes through four stages; the long one is `map`. */
const epigenomics = grown(({ task }, draw, size) => {
  const lanes = size < 40 ? 1 : Math.max(2, Math.round(size / 140))
  const chunks = Math.max(1, Math.round((size - 3 - 2 * lanes) / (4 * lanes)))
  const merged = times(lanes, () => {
    const split = task(draw.normal(54, 17))
    const mapped = times(chunks, () => {
      const clean = task(draw.normal(1.4, 1.2), [split])
      const converted = task(draw.normal(0.4, 0.3), [clean])
      return task(draw.normal(15_704, 4_072), [task(draw.normal(0.7, 0.6), [converted])])
    })
    return task(draw.normal(18, 8), mapped)
  })
  const all = task(draw.normal(35, 12), merged)
  task(draw.normal(6_034, 600), [task(0.2, [all])])
})

/** Strain tensors are extracted, seismograms made of each, their peaks found; all is packed up. */
const cyberShake = grown(({ task }, draw, size) => {
  const pairs = Math.max(2, Math.round((size - 4) / 2.03))
  const tensors = times(Math.max(2, Math.min(8, Math.round(size / 15))), () => task(draw.normal(130, 36)))
  const made = times(pairs, at => task(draw.between(21.7, 65), [tensors[at % tensors.length]!]))
  const peaks = made.map(seismogram => task(draw.between(0.55, 1.63), [seismogram]))
  task(0.019 * pairs, made)
  task(0.0077 * pairs, peaks)
})

/** Groups of detector data: a bank of templates each, matched, and what coincides matched again. */
const inspiral = grown(({ task }, draw, size) => {
  for (let left = size; left > 5; ) {
    const members = Math.min(draw.whole(5, 15), Math.max(1, Math.floor((left - 2) / 4)))
    const matched = times(members, () => task(draw.between(231, 690), [task(draw.normal(18.1, 0.4))]))
    const coincident = task(draw.normal(5.3, 0.2), matched)
    const again = times(members, () => task(draw.between(231, 690), [task(draw.normal(5.1, 0.3), [coincident])]))
    task(draw.normal(5.3, 0.2), again)
    left -= 4 * members + 2
  }
})

/** For each replicon: four searches of very different length, and what follows from them; many small ones beside. */
const sipht = grown(({ task }, draw, size) => {
  times(Math.max(1, Math.round(size / 31)), () => {
    const patsers = times(draw.whole(16, 21), () => task(draw.between(0.7, 1.8)))
    const joined = task(0.08, patsers)
    const searches = [draw.normal(1_500, 250), draw.normal(33, 7), draw.normal(48, 7), draw.normal(2_400, 370)]
    const found = task(
      draw.normal(380, 90),
      searches.map(seconds => task(seconds)),
    )
    const parsed = task(1.4, [found])
    const compared = [draw.normal(5.2, 0.5), draw.normal(1_330, 50), draw.normal(4.6, 1.4)].map(seconds =>
      task(seconds, [found]),
    )
    task(draw.normal(1.6, 0.2), [found, joined, ...compared, task(33, [found, parsed])])
  })
})

/** Layers of up to twice the mean width; each task waits for one to three of the layer before, now and then of one further up. */
const layered = (width: (size: number) => number, seconds: (draw: Draw) => number): Shape['draw'] =>
  grown(({ task }, draw, size) => {
    const layers: number[][] = []
    for (let count = 0; count < size; ) {
      const wide = Math.min(size - count, draw.whole(1, Math.max(1, 2 * Math.round(width(size)) - 1)))
      layers.push([...times(wide, () => task(seconds(draw), before(draw, layers)))])
      count += wide
    }
  })

function before(draw: Draw, layers: readonly (readonly number[])[]): readonly number[] {
  if (layers.length === 0) return []
  return times(draw.whole(1, 3), () => {
    const back = draw.unit() < 0.2 ? draw.whole(1, layers.length) : 1
    const layer = layers[layers.length - back]!
    return layer[draw.whole(0, layer.length - 1)]!
  })
}

const even = (draw: Draw): number => draw.between(1, 100)
const heavy = (draw: Draw): number => 10 * draw.heavy(1.3)

export const SHAPES: readonly Shape[] = [
  { name: 'montage', draw: montage },
  { name: 'epigenomics', draw: epigenomics },
  { name: 'cybershake', draw: cyberShake },
  { name: 'inspiral', draw: inspiral },
  { name: 'sipht', draw: sipht },
  { name: 'layered, wide, even', draw: layered(size => 2 * Math.sqrt(size), even) },
  { name: 'layered, deep, even', draw: layered(size => Math.sqrt(size) / 2, even) },
  { name: 'layered, wide, heavy', draw: layered(size => 2 * Math.sqrt(size), heavy) },
  { name: 'layered, deep, heavy', draw: layered(size => Math.sqrt(size) / 2, heavy) },
]
