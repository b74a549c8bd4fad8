/**
 * A process that makes a mess of a folder at full speed: told a seed and a number of operations, it does them and
 * says so. Whoever watches the folder must end up with what is there then. Plain JavaScript: it is started by Node.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'

const [, , root, outside] = process.argv

/** mulberry32. */
function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const FOLDERS = ['a', 'b', 'c', 'd']
const FILES = ['1.txt', '2.txt', '3.txt', 'a']

function operations(random) {
  const pick = list => list[Math.floor(random() * list.length)]
  const folder = () => join(root, ...Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(FOLDERS)))
  const file = () => join(random() < 0.1 ? root : folder(), pick(FILES))
  const text = () => String(random()).repeat(1 + Math.floor(random() * 5))
  const inside = path => fs.mkdirSync(dirname(path), { recursive: true })
  const write = path => {
    inside(path)
    fs.writeFileSync(path, text())
  }
  return {
    write: [8, () => write(file())],
    again: [
      4,
      () => {
        const path = file()
        write(path)
        fs.writeFileSync(path, text())
      },
    ],
    append: [3, () => fs.appendFileSync(file(), 'more')],
    atomic: [
      8,
      () => {
        const path = file()
        write(`${path}.tmp`)
        fs.renameSync(`${path}.tmp`, path)
      },
    ],
    remove: [4, () => fs.rmSync(file())],
    removeFolder: [4, () => fs.rmSync(folder(), { recursive: true })],
    recreate: [
      6,
      () => {
        const path = folder()
        fs.rmSync(path, { recursive: true, force: true })
        fs.mkdirSync(join(path, pick(FOLDERS)), { recursive: true })
        fs.writeFileSync(join(path, pick(FILES)), text())
      },
    ],
    deep: [3, () => write(join(folder(), pick(FOLDERS), pick(FOLDERS), pick(FILES)))],
    move: [5, () => fs.renameSync(folder(), folder())],
    moveThenWrite: [
      5,
      () => {
        const to = folder()
        inside(to)
        fs.renameSync(folder(), to)
        fs.writeFileSync(join(to, pick(FILES)), text())
      },
    ],
    moveFile: [3, () => fs.renameSync(file(), file())],
    mode: [2, () => fs.chmodSync(file(), pick([0o600, 0o644, 0o755]))],
    folderMode: [1, () => fs.chmodSync(folder(), pick([0o700, 0o755]))],
    times: [1, () => fs.utimesSync(file(), 1, Math.floor(random() * 1e9))],
    link: [
      3,
      () => {
        const path = file()
        inside(path)
        fs.rmSync(path, { force: true, recursive: true })
        fs.symlinkSync(pick([join(outside, pick(FILES)), file(), join(outside, 'way', pick(FILES))]), path)
      },
    ],
    target: [4, () => fs.writeFileSync(join(outside, pick(FILES)), text())],
    targetAtomic: [
      2,
      () => {
        const path = join(outside, pick(FILES))
        fs.writeFileSync(`${path}.tmp`, text())
        fs.renameSync(`${path}.tmp`, path)
      },
    ],
    way: [
      1,
      () => {
        const path = join(outside, 'way')
        fs.rmSync(path, { recursive: true, force: true })
        fs.mkdirSync(path)
        fs.writeFileSync(join(path, pick(FILES)), text())
      },
    ],
    copy: [1, () => fs.cpSync(folder(), folder(), { recursive: true, force: true })],
    all: [
      0.3,
      () => {
        fs.rmSync(root, { recursive: true, force: true })
        fs.mkdirSync(root)
      },
    ],
    swap: [
      0.3,
      () => {
        fs.rmSync(`${root}.old`, { recursive: true, force: true })
        fs.renameSync(root, `${root}.old`)
        fs.cpSync(`${root}.old`, root, { recursive: true })
        fs.rmSync(`${root}.old`, { recursive: true })
      },
    ],
    shell: [
      0.5,
      () => {
        const path = folder()
        execFileSync(
          'sh',
          ['-c', 'mkdir -p "$1/x/y" && echo 1 > "$1/x/y/1" && mv "$1/x" "$1/z" && echo 2 > "$1/z/y/1"', '', path],
          { stdio: 'ignore' },
        )
      },
    ],
  }
}

const git = (...words) => execFileSync('git', words, { cwd: join(root, 'repo'), stdio: 'ignore' })

function makeRepository(count) {
  fs.mkdirSync(join(root, 'repo'), { recursive: true })
  git('init', '-q')
  git('config', 'user.email', 'a@b.c')
  git('config', 'user.name', 'a')
  git('config', 'gc.auto', '0')
  for (const branch of ['one', 'two']) {
    git('checkout', '-q', '-b', branch)
    fs.rmSync(join(root, 'repo', 'files'), { recursive: true, force: true })
    for (let index = 0; index < count; index++) {
      if (index % 7 === (branch === 'one' ? 0 : 1)) continue
      const path = join(root, 'repo', 'files', `d${index % 61}`, `e${index % 3}`, `${index}.txt`)
      fs.mkdirSync(dirname(path), { recursive: true })
      fs.writeFileSync(path, `${branch} ${index}`)
    }
    git('add', '-A')
    git('commit', '-q', '-m', branch)
  }
}

function doRound({ seed, count }) {
  const random = randomFrom(seed)
  const table = Object.values(operations(random))
  const total = table.reduce((sum, [weight]) => sum + weight, 0)
  for (let done = 0; done < count; done++) {
    let at = random() * total
    const [, act] = table.find(([weight]) => (at -= weight) < 0)
    try {
      act()
    } catch {
      // There is no such file, or it is a folder: the next one.
    }
  }
}

process.on('message', message => {
  const { repository, checkout } = message
  if (message.count) doRound(message)
  if (checkout && !fs.existsSync(join(root, 'repo', '.git'))) makeRepository(repository)
  if (checkout) git('checkout', '-q', '-f', checkout)
  fs.mkdirSync(root, { recursive: true })
  process.send('done')
})
process.on('disconnect', () => process.exit())
