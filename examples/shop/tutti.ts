/** A shop as it runs on a developer's machine: PostgreSQL, an API on top of it, and the page that customers see. */
import { effect, type Endpoint, type Files, files, port, type Port, service, sh, task, workflow } from 'tutti'
import * as database from './database.ts'

/** SIGINT: its "fast shutdown", which does not wait for who is connected. */
const postgres = service(database.start, {
  ready: { log: /ready to accept connections/ },
  stop: { signal: 'SIGINT', grace: '30s' },
})

/** An effect: what a database holds is no value that another run could give. */
const migrate = effect(database.migrate)

/** `schema` is what the API hangs on beside its code: when it changes, the API starts anew, after the migration. */
const products = service(
  (at: database.Place, schema: string, _code: Files, http: Port) =>
    sh`node api/server.js`.env({ PORT: http.number, PSQL: at.psql, DATABASE_URL: at.url, SCHEMA: schema }),
  { ready: { http: '/health' }, live: { probe: { http: '/health' } } },
)

const page = service(
  (behind: Endpoint, _code: Files, http: Port) =>
    sh`node web/server.js`.env({ PORT: http.number, API_URL: behind.url }),
  { ready: { http: '/' } },
)

const visit = task(
  async (at: Endpoint) => {
    const response = await fetch(at.url)
    return { status: response.status, text: await response.text() }
  },
  { cache: 'off' },
)

/** `tutti up` keeps it running and follows what you edit. */
export const shop = workflow(() => {
  const db = postgres('.tutti/postgres', port('sql'))
  const schema = migrate(db, files('schema/*.sql'))
  const api = products(db, schema, files('api/**'), port('http'))
  const web = page(api, files('web/**'), port('http'))
  return web
})

/** `tutti run` starts it, looks at the page, and stops it. */
export const check = workflow(() => visit(shop()))
