/** The machines that are measured. */

/** Choice and Pass in turns; two transitions a turn. */
export const loopOf = transitions => ({
  definition: {
    StartAt: 'Enough',
    States: {
      Enough: {
        Type: 'Choice',
        Choices: [{ Variable: '$.n', NumericLessThan: transitions / 2, Next: 'Count' }],
        Default: 'Done',
      },
      Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Enough' },
      Done: { Type: 'Succeed' },
    },
  },
  input: { n: 0 },
  expected: { n: transitions / 2 },
})

/** A map whose items pass through one state. */
export const mapOf = items => ({
  definition: {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
        End: true,
      },
    },
  },
  input: Array.from({ length: items }, (_, index) => ({ index })),
  expected: Array.from({ length: items }, (_, index) => ({ index })),
})

/** States of all types with paths, templates, rules and catchers, until the text is about so long. */
export function largeOf(bytes) {
  const States = {}
  let size = 0
  for (let number = 0; size < bytes; number++) {
    for (const [name, state] of Object.entries(groupOf(number))) {
      States[name] = state
      size += JSON.stringify(state).length + name.length + 4
    }
  }
  const last = 'End'
  States[`Check ${Object.keys(States).length / 4}`] = { Type: 'Pass', Next: last }
  States[last] = { Type: 'Succeed' }
  return JSON.stringify({ Comment: 'A large one', StartAt: 'Check 0', States })
}

/** Four states; the last leads to the next group. */
function groupOf(number) {
  const next = `Check ${number + 1}`
  return {
    [`Check ${number}`]: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.order.total', NumericGreaterThan: number },
            { Not: { Variable: '$.order.state', StringMatches: 'cancel*' } },
          ],
          Next: `Charge ${number}`,
        },
        { Variable: '$.order.id', IsPresent: false, Next: `Note ${number}` },
      ],
      Default: `Note ${number}`,
    },
    [`Charge ${number}`]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: {
        FunctionName: 'arn:aws:lambda:us-east-1:111111111111:function:charge',
        Payload: { 'id.$': '$.order.id', 'text.$': `States.Format('order {} of ${number}', $.order.id)` },
      },
      ResultSelector: { 'paid.$': '$.Payload.paid' },
      ResultPath: '$.charge',
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 5, BackoffRate: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: `Note ${number}` }],
      Next: `Note ${number}`,
    },
    [`Note ${number}`]: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Assign: { total: `{% $states.input.order.total + ${number} %}` },
      Output: { order: '{% $states.input.order %}', seen: `{% $count($states.input.items[price > ${number}]) %}` },
      Next: `Items ${number}`,
    },
    [`Items ${number}`]: {
      Type: 'Map',
      ItemsPath: '$.order.items',
      MaxConcurrency: 5,
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index' },
      ItemProcessor: {
        StartAt: `Item ${number}`,
        States: {
          [`Item ${number}`]: { Type: 'Pass', Result: { packed: true }, ResultPath: '$.item.packed', End: true },
        },
      },
      ResultPath: '$.items',
      Next: next,
    },
  }
}
