/**
 * Links over a drawing: they may cross borders, so no layout of one region can place them. A curve from side to side where
 * the boxes stand beside one another, else round the right sides; out of a box that holds the other one straight to its border.
 */
import type { DrawnLink, Drawing } from './drawn.ts'
import type { Box, PlacedRegion, Point } from './layout.ts'

/** A curve with two points of control; `to` is where the tip stands. */
export interface PlacedLink {
  readonly kind: DrawnLink['kind']
  readonly from: Point
  readonly controls: readonly [Point, Point]
  readonly to: Point
}

/** Between the workflow's boxes and the frame round them. */
export const FRAME = 10
/** How far a curve round two boxes goes out, at most. */
export const BULGE = 48

export function placeLinks({ links }: Pick<Drawing, 'links'>, root: PlacedRegion): readonly PlacedLink[] {
  const frame = { x: -FRAME, y: -FRAME, width: root.width + 2 * FRAME, height: root.height + 2 * FRAME }
  const boxes = new Map<string, Box>([['', frame]])
  collectBoxes(root, { x: 0, y: 0 }, boxes)
  return links.flatMap(({ kind, from, to }) => {
    const [tail, head] = [boxes.get(from), boxes.get(to)]
    return tail && head ? [{ kind, ...curve(tail, head) }] : []
  })
}

function collectBoxes(region: PlacedRegion, origin: Point, boxes: Map<string, Box>): void {
  for (const placed of region.nodes) {
    const at = { x: origin.x + placed.x, y: origin.y + placed.y }
    boxes.set(placed.node.key, { ...at, width: placed.width, height: placed.height })
    for (const inner of placed.regions) collectBoxes(inner, { x: at.x + inner.x, y: at.y + inner.y }, boxes)
  }
}

type Curve = Omit<PlacedLink, 'kind'>

function curve(tail: Box, head: Box): Curve {
  if (holds(head, tail)) return outwards(tail, head)
  if (tail.x + tail.width <= head.x) return sideways(right(tail), left(head))
  if (head.x + head.width <= tail.x) return sideways(left(tail), right(head))
  return around(right(tail), right(head))
}

const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

const middle = ({ y, height }: Box): number => y + height / 2
const left = (box: Box): Point => ({ x: box.x, y: middle(box) })
const right = (box: Box): Point => ({ x: box.x + box.width, y: middle(box) })

function sideways(from: Point, to: Point): Curve {
  const bend = (to.x - from.x) / 2
  return {
    from,
    controls: [
      { x: from.x + bend, y: from.y },
      { x: to.x - bend, y: to.y },
    ],
    to,
  }
}

function around(from: Point, to: Point): Curve {
  const x = Math.max(from.x, to.x) + Math.min(BULGE, 20 + Math.abs(to.y - from.y) / 6)
  return {
    from,
    controls: [
      { x, y: from.y },
      { x, y: to.y },
    ],
    to,
  }
}

/** From inside a box to its border, near the top: where its name is. */
function outwards(tail: Box, head: Box): Curve {
  const from = right(tail)
  const to = { x: head.x + head.width, y: head.y + Math.min(20, head.height / 2) }
  return {
    from,
    controls: [
      { x: to.x + BULGE, y: from.y },
      { x: to.x + BULGE, y: to.y },
    ],
    to,
  }
}
