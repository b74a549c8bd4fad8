/** File systems whose changes the kernel hears of only when they are made on this machine: statfs(2) and its f_type. */
import { statfsSync } from 'node:fs'

const DEAF: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xfe534d42, 'smb2'],
  [0xff534d42, 'cifs'],
  [0x01021997, '9p'],
  [0x786f4256, 'vboxsf'],
  [0x65735546, 'fuse'],
  [0x5346414f, 'afs'],
  [0x73757245, 'coda'],
  [0x00c36400, 'ceph'],
  [0x47504653, 'gpfs'],
  [0x0bd00bd0, 'lustre'],
])

/** By device: one look for each. Gives the name of a file system that must be polled. */
export function newDeafness(): (path: string, device: number) => string | undefined {
  const known = new Map<number, string | undefined>()
  return (path, device) => {
    if (!known.has(device)) known.set(device, fileSystemOf(path))
    return known.get(device)
  }
}

function fileSystemOf(path: string): string | undefined {
  try {
    return DEAF.get(statfsSync(path).type >>> 0)
  } catch {
    // It has gone; whoever looks at it next will see.
    return undefined
  }
}
