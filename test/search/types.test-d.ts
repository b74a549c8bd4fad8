/**
 * What the typed form promises, asserted by the compiler alone: this file is only ever type-checked. Each line under a
 * `@ts-expect-error` is refused.
 */
import { all, any, avg, count, find, logs, nodes, not, p95, runs, steps, times, values } from 'tutti/search'
import type { Store } from 'tutti/store'

type Identical<A, B> = (<T>() => T extends A ? 'yes' : 'no') extends <T>() => T extends B ? 'yes' : 'no' ? true : false
const same = <A, B>(_: Identical<A, B>): void => undefined

declare const store: Store

const slow = await find(
  store,
  steps()
    .where(step => all(step.duration.above(p95), step.retried, not(step.run.failed)))
    .orderBy('run.started', 'desc')
    .limit(5),
)
const [row] = slow
same<typeof row, (typeof slow)[number] | undefined>(true)
same<NonNullable<typeof row>['path'], string>(true)
same<NonNullable<typeof row>['duration'], number | undefined>(true)
same<NonNullable<typeof row>['retried'], boolean>(true)
same<NonNullable<typeof row>['run']['error']['code'], string | undefined>(true)

const groups = await find(store, steps().groupBy('run.workflow', 'status'))
same<(typeof groups)[number]['count'], number>(true)
same<(typeof groups)[number]['run']['workflow'], string | undefined>(true)

await count(
  store,
  runs().where(run => any(run.started.since('-2d'), run.duration.atMost(times(2, avg)))),
)
await find(
  store,
  steps()
    .where(step => step.status.isIn(['failed', 'parked']))
    .after(step => step.name.is('compile')),
)
await find(
  store,
  nodes().before(node => node.kind.is('effect'), 'direct'),
)
await find(
  store,
  values().where(each => each.value.at('items', 0, 'price').above(3)),
)
await find(
  store,
  logs().where(line => line.text.matches(/ECONN/i)),
)

// @ts-expect-error: a field that there is not
steps().where(step => step.duratoin.above(1))
// @ts-expect-error: nor of its run
steps().where(step => step.run.nobody.is('x'))
// @ts-expect-error: a word that a status never is
steps().where(step => step.status.is('faild'))
// @ts-expect-error: an order of what has none
steps().where(step => step.name.above('a'))
// @ts-expect-error: a duration is no Date
steps().where(step => step.duration.above(new Date()))
// @ts-expect-error: sizes have no history
values().where(each => each.size.above(p95))
// @ts-expect-error: a field of another subject
runs().where(run => run.retried)
// @ts-expect-error: no condition at all
steps().where(step => step.name)
// @ts-expect-error: nothing to order by
steps().orderBy('duratoin')
// @ts-expect-error: plain data has no order of its own
values().orderBy('value')
// @ts-expect-error: runs stand in no graph
runs().after()
