/**
 * Thirty iterations of one workflow, as a team would make them: bills from a file of readings. Each is an edit of the one
 * before, with the number that it must get.
 */

export interface Iteration {
  readonly number: string
  readonly why: string
  /** Text to replace in a file, which must be there once; `undefined`: the file is new, or goes. */
  readonly edits: readonly {
    readonly file: string
    readonly before: string | undefined
    readonly after: string | undefined
  }[]
  /** What the run is given. */
  readonly params?: readonly string[]
}

const edit = (before: string, after: string, file = 'tutti.ts') => ({ file, before, after })
const added = (file: string, after: string) => ({ file, before: undefined, after })

export const READINGS = `customer,day,kWh
ada,1,10
ada,2,12
bob,1,30
bob,2,28
eve,1,0
eve,2,1
`

const FIRST = `import { file, task, workflow } from 'tutti'

type Reading = { customer: string; day: number; kWh: number }
type Usage = { customer: string; kWh: number }
type Bill = { customer: string; cents: number }

const read = task((text: string): Reading[] =>
  text.trim().split('\\n').slice(1).map(line => {
    const [customer = '', day, kWh] = line.split(',')
    return { customer, day: Number(day), kWh: Number(kWh) }
  }),
)

const sum = task((readings: Reading[]): Usage[] => {
  const total = new Map<string, number>()
  for (const { customer, kWh } of readings) total.set(customer, (total.get(customer) ?? 0) + kWh)
  return [...total].map(([customer, kWh]) => ({ customer, kWh }))
})

const price = task((usage: Usage[]): Bill[] => usage.map(({ customer, kWh }) => ({ customer, cents: kWh * 30 })))

export const billing = workflow(() => {
  const readings = read(load(file('readings.csv')))
  const bills = price(sum(readings))
  return { bills }
})
`.replace(
  'const read = task',
  `const load = task((text: File) => text.text())

const read = task`,
)

export const ITERATIONS: readonly Iteration[] = [
  { number: '1.0.0', why: 'the first one', edits: [added('tutti.ts', FIRST), added('readings.csv', READINGS)] },
  { number: '1.0.1', why: 'another price', edits: [edit('kWh * 30', 'kWh * 31')] },
  {
    number: '1.0.2',
    why: 'the price is a constant with a name',
    edits: [edit('const price = task', 'const CENTS = 31\n\nconst price = task'), edit('kWh * 31', 'kWh * CENTS')],
  },
  {
    number: '1.1.0',
    why: 'a new field of the result',
    edits: [
      edit(
        'export const billing',
        'const total = task((bills: Bill[]): number => bills.reduce((sum, { cents }) => sum + cents, 0))\n\nexport const billing',
      ),
      edit('return { bills }', 'return { bills, total: total(bills) }'),
    ],
  },
  {
    number: '1.1.1',
    why: 'rounding',
    edits: [edit('cents: kWh * CENTS', 'cents: Math.round(kWh * CENTS)')],
  },
  {
    number: '1.2.0',
    why: 'a parameter that may be left out',
    edits: [
      edit(
        "import { file, task, workflow } from 'tutti'",
        "import { file, task, workflow } from 'tutti'\nimport { z } from 'zod'",
      ),
      edit('workflow(() => {', 'workflow({ discount: z.number().default(0) }, ({ discount }) => {'),
      edit(
        'const price = task((usage: Usage[]): Bill[] =>',
        'const price = task((usage: Usage[], discount: number): Bill[] =>',
      ),
      edit('Math.round(kWh * CENTS)', 'Math.round(kWh * CENTS * (1 - discount))'),
      edit('price(sum(readings))', 'price(sum(readings), discount)'),
    ],
  },
  {
    number: '1.3.0',
    why: 'who used nothing gets a letter',
    edits: [
      edit(
        "import { file, task, workflow } from 'tutti'",
        "import { each, effect, file, task, workflow } from 'tutti'",
      ),
      edit(
        'const total = task',
        'const idle = task((usage: Usage[]): Usage[] => usage.filter(({ kWh }) => kWh < 5))\n\nconst remind = effect(({ customer }: Usage) => `dear ${customer}`)\n\nconst total = task',
      ),
      edit(
        '  const bills = price(sum(readings), discount)',
        '  const usage = sum(readings)\n  const bills = price(usage, discount)\n  const letters = each(idle(usage), one => remind(one), { key: one => one.customer })',
      ),
      edit('total: total(bills) }', 'total: total(bills), letters }'),
    ],
  },
  { number: '1.3.1', why: 'better manners', edits: [edit('`dear ${customer}`', '`Dear ${customer},`')] },
  {
    number: '1.4.0',
    why: 'letters are tried again',
    edits: [edit('`Dear ${customer},`)', '`Dear ${customer},`, { retry: 2 })')],
  },
  {
    number: '1.4.1',
    why: 'prices in a module of their own',
    edits: [
      added('prices.ts', 'export const CENTS = 31\n'),
      edit('const CENTS = 31\n\n', ''),
      edit("import { z } from 'zod'", "import { z } from 'zod'\nimport { CENTS } from './prices.ts'"),
    ],
  },
  {
    number: '1.4.2',
    why: 'a cheaper night',
    edits: [
      edit(
        'export const CENTS = 31\n',
        'export const CENTS = 29\nexport const round = (cents: number): number => Math.round(cents)\n',
        'prices.ts',
      ),
      edit('import { CENTS }', 'import { CENTS, round }'),
      edit('Math.round(kWh', 'round(kWh'),
    ],
  },
  {
    number: '2.0.0',
    why: 'the result is by customer now',
    edits: [
      edit(
        'return { bills, total: total(bills), letters }',
        'return { byCustomer: index(bills), total: total(bills), letters }',
      ),
      edit(
        'const total = task',
        'const index = task((bills: Bill[]): Record<string, number> => Object.fromEntries(bills.map(bill => [bill.customer, bill.cents])))\n\nconst total = task',
      ),
    ],
  },
  {
    number: '2.1.0',
    why: 'a second, wider kind of parameter',
    edits: [
      edit(
        'discount: z.number().default(0)',
        "discount: z.number().default(0), currency: z.enum(['EUR', 'CHF', 'USD']).default('EUR')",
      ),
      edit('({ discount }) =>', '({ discount, currency }) =>'),
      edit(
        'const total = task',
        'const label = task((currency: string): string => `in ${currency}`)\n\nconst total = task',
      ),
      edit('total: total(bills)', 'paid: label(currency), total: total(bills)'),
    ],
  },
  {
    number: '2.2.0',
    why: 'one more currency',
    edits: [edit("z.enum(['EUR', 'CHF', 'USD'])", "z.enum(['EUR', 'CHF', 'USD', 'GBP'])")],
    params: ['currency=GBP'],
  },
  {
    number: '3.0.0',
    why: 'nobody paid in pounds or dollars',
    edits: [edit("z.enum(['EUR', 'CHF', 'USD', 'GBP'])", "z.enum(['EUR', 'CHF'])")],
    params: ['currency=CHF'],
  },
  {
    number: '3.1.0',
    why: 'large bills are looked at',
    edits: [
      edit('import { each, effect, file, task, workflow }', 'import { each, effect, file, task, when, workflow }'),
      edit(
        'const total = task',
        'const audit = task((total: number): string => `audited ${total}`)\nconst isLarge = task((total: number): boolean => total > 1_000)\n\nconst total = task',
      ),
      edit(
        '  return { byCustomer',
        '  const sumOfAll = total(bills)\n  const audited = when(isLarge(sumOfAll), () => audit(sumOfAll))\n  return { byCustomer',
      ),
      edit('total: total(bills), letters }', 'total: sumOfAll, audited, letters }'),
    ],
  },
  { number: '3.1.1', why: 'larger ones only', edits: [edit('total > 1_000', 'total > 10_000')] },
  { number: '3.1.2', why: 'and back', edits: [edit('total > 10_000', 'total > 1_500')] },
  {
    number: '3.2.0',
    why: 'audits may not take for ever',
    edits: [edit('`audited ${total}`)', "`audited ${total}`, { timeout: '5m' })")],
  },
  {
    number: '3.3.0',
    why: 'rates from a file of data',
    edits: [
      added('rates.json', '{ "EUR": 1, "CHF": 0.94 }\n'),
      edit(
        "import { CENTS, round } from './prices.ts'",
        "import { CENTS, round } from './prices.ts'\nimport rates from './rates.json' with { type: 'json' }",
      ),
      edit(
        'const total = task',
        'const convert = task((cents: number, currency: string): number => round(cents * (rates as Record<string, number>)[currency]!))\n\nconst total = task',
      ),
      edit('total: sumOfAll, audited', 'total: sumOfAll, converted: convert(sumOfAll, currency), audited'),
    ],
    params: ['currency=CHF'],
  },
  {
    number: '3.3.1',
    why: 'the rate of today',
    edits: [edit('0.94', '0.93', 'rates.json')],
    params: ['currency=CHF'],
  },
  {
    number: '3.4.0',
    why: 'a loop halves the discount until it is fair',
    edits: [
      edit(
        'import { each, effect, file, task, when, workflow }',
        'import { each, effect, file, loop, task, when, workflow }',
      ),
      edit(
        'const total = task',
        'const halve = task((rate: number): number => rate / 2)\nconst isUnfair = task((rate: number): boolean => rate > 0.2)\n\nconst total = task',
      ),
      edit(
        '  return { byCustomer',
        '  const fair = loop(discount, rate => halve(rate), { while: rate => rate.to(value => value > 0.2) })\n  return { fair, byCustomer',
      ),
    ],
    params: ['discount=0.6'],
  },
  {
    number: '3.4.1',
    why: 'fairer',
    edits: [edit('value > 0.2)', 'value > 0.1)')],
    params: ['discount=0.6'],
  },
  {
    number: '4.0.0',
    why: 'what nobody used goes',
    edits: [
      edit('const isUnfair = task((rate: number): boolean => rate > 0.2)\n', ''),
      edit('audited, letters }', 'audited }'),
      edit('  const letters = each(idle(usage), one => remind(one), { key: one => one.customer })\n', ''),
    ],
    params: ['discount=0.4'],
  },
  {
    number: '4.1.0',
    why: 'a check by another workflow',
    edits: [
      edit(
        'export const billing',
        'const differ = task((a: number, b: number): boolean => a !== b)\n\nexport const check = workflow((a: number, b: number) => differ(a, b))\n\nexport const billing',
      ),
      edit('  return { fair', '  const wrong = check(sumOfAll, total(bills))\n  return { wrong, fair'),
    ],
  },
  {
    number: '4.1.1',
    why: 'comments and names of variables change nothing; this constant does',
    edits: [edit('// nothing', '', 'prices.ts'), edit('CENTS = 29', 'CENTS = 33', 'prices.ts')].slice(1),
  },
  {
    number: '4.2.0',
    why: 'billing in two currencies at once',
    edits: [
      edit(
        'converted: convert(sumOfAll, currency)',
        "converted: convert(sumOfAll, currency), francs: convert(sumOfAll, 'CHF')",
      ),
    ],
  },
  {
    number: '5.0.0',
    why: 'a customer must be named',
    edits: [
      edit('{ discount: z.number()', '{ customer: z.string(), discount: z.number()'),
      edit('({ discount, currency }) =>', '({ customer, discount, currency }) =>'),
      edit(
        'const total = task',
        'const ofOne = task((bills: Bill[], customer: string): Bill[] => bills.filter(bill => bill.customer === customer))\n\nconst total = task',
      ),
      edit('  return { wrong', '  const own = ofOne(bills, customer)\n  return { own, wrong'),
    ],
    params: ['customer=ada'],
  },
  {
    number: '5.0.1',
    why: 'names are found whatever their case',
    edits: [edit('bill.customer === customer)', 'bill.customer.toLowerCase() === customer.toLowerCase())')],
    params: ['customer=ADA'],
  },
  {
    number: '5.1.0',
    why: 'the check has its own name for what it finds',
    edits: [edit('return { own, wrong', 'return { own, isWrong: wrong, wrong')],
    params: ['customer=Bob'],
  },
]
