/** Loads a user's file: text to bundle (nothing runs), bundle to exports (everything runs, guarded and named). */
export { buildBundle, type BuildOptions, type Built, type MadeEntry } from './build.ts'
export {
  decodeBundle,
  encodeBundle,
  hashBundle,
  isMade,
  type Bundle,
  type BundledModule,
  type Target,
} from './bundle.ts'
export { openClosure } from './closure/open.ts'
export { keepBundle, type KeptCode, type KeptModule, rebuildBundle } from './kept.ts'
export { resolveSpecifier } from './resolve.ts'
export { openBundle, type LoadedFile, type OpenOptions } from './open.ts'
export { initProject, type Initialised } from './init.ts'
export type { ModuleCache } from './script.ts'
export { installStackMapping, mapStack, mapStackText, plainText, positionOfError } from './stack.ts'
