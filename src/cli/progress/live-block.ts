/**
 * Keeps a few lines at the bottom of a terminal up to date, with other lines scrolling by above them.
 * Owns the cursor: hidden while the block is shown, and given back also when the process exits in the middle.
 */

/** What it writes to: stderr, or a recording in tests. */
export interface Terminal {
  write(text: string): unknown
}

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_LINE = '\x1b[2K'
const CLEAR_BELOW = '\x1b[0J'

export class LiveBlock {
  readonly #terminal: Terminal
  readonly #restore = () => this.#terminal.write(SHOW_CURSOR)
  #shown: readonly string[] = []
  #state: 'idle' | 'live' = 'idle'

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /**
   * Replaces the block, and puts `above` where lines stay. Lines of the block must be narrower than the screen, or the
   * terminal wraps them and the redraw is off.
   */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    if (above.length > 0 || !sameLines(lines, this.#shown)) this.#write(lines, above)
  }

  /** Removes the block and gives the cursor back. Idempotent. */
  close(): void {
    if (this.#state === 'idle') return
    this.#terminal.write(`${this.#home()}${CLEAR_BELOW}${SHOW_CURSOR}`)
    this.#shown = []
    this.#state = 'idle'
    process.removeListener('exit', this.#restore)
  }

  #write(block: readonly string[], above: readonly string[]): void {
    const start = this.#state === 'idle' ? HIDE_CURSOR : ''
    if (this.#state === 'idle') process.once('exit', this.#restore)
    this.#state = 'live'
    const text = [...above, ...block].map(line => `${CLEAR_LINE}${line}\n`).join('')
    // One write, so that a slow terminal shows no half block.
    this.#terminal.write(`${start}${this.#home()}${text}${CLEAR_BELOW}`)
    this.#shown = block
  }

  #home(): string {
    return this.#shown.length > 0 ? `\x1b[${this.#shown.length}A\r` : ''
  }
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index])
