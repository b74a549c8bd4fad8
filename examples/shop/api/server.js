/** Products as JSON. Asks the database by its own program, so that it needs no package. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

const { PORT, PSQL, DATABASE_URL, SCHEMA } = process.env
const run = promisify(execFile)

async function ask(sql) {
  const { stdout } = await run(PSQL, [DATABASE_URL, '-XAqtc', sql])
  return stdout.trim()
}

const answers = {
  '/health': async () => JSON.stringify({ database: await ask('select 1'), schema: SCHEMA }),
  '/products': () => ask("select coalesce(json_agg(product order by id), '[]') from product"),
}

createServer(async (request, response) => {
  const answer = answers[request.url]
  try {
    response.statusCode = answer ? 200 : 404
    response.setHeader('content-type', 'application/json')
    response.end(answer ? await answer() : '{}')
  } catch (error) {
    console.error(error.message)
    response.statusCode = 500
    response.end('{}')
  }
}).listen(PORT, 'localhost', () => console.log(`products at http://localhost:${PORT}/products`))
