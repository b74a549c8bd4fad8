/** An order, from the shelf to the door: what it has done is undone when it cannot go on, and it waits for people for days. */
import { attempt, ctx, each, effect, ensure, loop, match, race, signal, sleep, task, workflow, type Ref } from 'tutti'
import { never, precedes, responds } from 'tutti'
import { z } from 'zod'
import * as shop from './shop.ts'

export const approval = signal(z.object({ by: z.string() }))
export const withdrawal = signal(z.object({ why: z.string() }))

const reserve = effect(shop.reserve)
const release = effect(shop.release)
const charge = effect((card: string, amount: number) => shop.charge(card, amount, ctx().idempotencyKey))
const refund = effect(shop.refund)
const ship = effect(shop.ship)
const track = task(shop.track)
const tell = effect((customer: string, text: string) => ctx().log.info(`to ${customer}: ${text}`))
const giveUp = task((why: string): string => {
  throw Object.assign(new Error(why), { code: 'ORDER_WITHDRAWN' })
})

const Items = z.array(z.object({ sku: z.string(), count: z.number().int().positive() }))

export const order = workflow(
  {
    customer: z.string().default('Ada'),
    card: z.string().default('4711'),
    items: Items.default([
      { sku: 'tea', count: 2 },
      { sku: 'pot', count: 5 },
    ]),
  },
  ({ customer, card, items }) => {
    // One item may be out of stock: the others are sent without it.
    const reserved = each(items, item => reserve(item).undo(release), { key: item => item.sku, tolerate: 1 })
    const paid = charge(card, reserved.to(shop.priceOf)).undo(receipt => refund(receipt, customer))
    const decided = decision().after(paid)
    const parcel = deliver(reserved.to(all => all.filter(item => item !== undefined).length)).after(decided)
    tell(
      customer,
      parcel.to(({ carrier }) => `delivered by ${carrier}`),
    )
    return { receipt: paid.id, approvedBy: decided, parcel }
  },
)

/** A person approves it; the customer or three days of silence end it. */
const decision = workflow(() => {
  const first = race({
    approved: () => approval.wait(),
    withdrawn: () => withdrawal.wait(),
    expired: () => sleep('3d'),
  })
  return match(first, 'won', {
    approved: ({ value }) => value.by,
    withdrawn: ({ value }) => giveUp(value.why),
    expired: () => giveUp('nobody approved it in three days'),
  })
})

/** By express, else by post; then asked after until it is there. */
const deliver = workflow((count: Ref<number>) => {
  const sent = attempt(() => ship('express', count), {
    retry: { times: 2, delay: '100ms' },
    catch: { CARRIER_DOWN: error => ship('post', count).after(tell('the shop', error.message)) },
    finally: () => tell('the shop', 'the ramp is free'),
  })
  return loop(sent, parcel => track(parcel).after(sleep('200ms')), { until: parcel => parcel.delivered, limit: 100 })
})

// `tutti check` holds the order to this: nothing is sent that is not paid, and what is paid is sent.
ensure(order, precedes(charge, ship), responds(charge, ship), never(charge, ship))
