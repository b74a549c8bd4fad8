/** What customers see. */
import { createServer } from 'node:http'

const { PORT, API_URL } = process.env

const price = cents => (cents / 100).toFixed(2)
const row = ({ name, cents }) => `<li>${name}: ${price(cents)}</li>`

createServer(async (_request, response) => {
  const products = await (await fetch(`${API_URL}/products`)).json()
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<h1>Shop</h1><ul>${products.map(row).join('')}</ul>`)
}).listen(PORT, 'localhost', () => console.log(`the shop is at http://localhost:${PORT}`))
