/** What can be different between two versions of a workflow: the words of `diff`, `publish` and `versions`. */
import type { Json } from '../util/json.ts'
import type { Package } from './version.ts'

/** A step as both graphs have it. */
export interface StepName {
  /** Ids from the outermost region on (`tests[*]/triage`): stable. */
  readonly path: string
  /** The same with the names that people see. */
  readonly shown: string
}

/**
 * How a type became another one. `widened`: all that fitted still fits; `narrowed`: something that fitted no longer does;
 * `changed`: neither, or it cannot be told.
 */
export type TypeChange = 'widened' | 'narrowed' | 'changed'

export type Change =
  | { readonly kind: 'parameter.added'; readonly name: string; readonly required: boolean; readonly type: Json }
  | { readonly kind: 'parameter.removed'; readonly name: string }
  | {
      readonly kind: 'parameter.changed'
      readonly name: string
      readonly how: TypeChange | 'required' | 'optional' | 'default'
      readonly before: Json
      readonly after: Json
    }
  /** `path`: of a field, dotted; '' is the whole result. `type`: absent where it is unknown. */
  | { readonly kind: 'result.added' | 'result.removed'; readonly path: string }
  | {
      readonly kind: 'result.changed'
      readonly path: string
      readonly how: TypeChange
      readonly before: Json
      readonly after: Json
    }
  | { readonly kind: 'signal.added' | 'signal.removed'; readonly name: string }
  | {
      readonly kind: 'signal.changed'
      readonly name: string
      readonly how: TypeChange | 'kept' | 'transient'
      readonly before: Json
      readonly after: Json
    }
  | { readonly kind: 'step.added' | 'step.removed'; readonly step: StepName; readonly is: string }
  /** `by`: the id is the same and the name another; the content is; somebody said so. */
  | {
      readonly kind: 'step.renamed'
      readonly before: StepName
      readonly step: StepName
      readonly by: 'id' | 'content' | 'declared'
    }
  /** To another region. */
  | { readonly kind: 'step.moved'; readonly before: StepName; readonly step: StepName }
  /**
   * `field`: what of it (`args[0]`, `policy.retry`, `executor`, `source`, `kind`, `condition`, `then.result` …), as the graph
   * has it. Where it is a whole region, the ids of its steps stand for it. `properties.body`: claims that only one makes.
   */
  | {
      readonly kind: 'step.changed'
      readonly step: StepName
      readonly field: string
      readonly before: Json | undefined
      readonly after: Json | undefined
    }
  /**
   * What must come first, then what waits for it, wherever it stands; both by the names of after. `carries`: a value, or
   * order alone. Only between steps that both graphs have.
   */
  | {
      readonly kind: 'edge.added' | 'edge.removed'
      readonly from: StepName
      readonly to: StepName
      readonly carries: 'value' | 'order'
    }
  /** The code of a function: of the steps that call it, or of a `.to`. */
  | { readonly kind: 'code.changed'; readonly address: string; readonly steps: readonly StepName[] }
  /** `part`: `parameters[0]` or `result`; what is not declared is `{}`. */
  | {
      readonly kind: 'signature.changed'
      readonly address: string
      readonly part: string
      /** `extended`: records have fields that they had not, and nothing else is different. */
      readonly how: TypeChange | 'extended'
      readonly before: Json
      readonly after: Json
    }
  | { readonly kind: 'package.changed'; readonly before: Package | undefined; readonly after: Package | undefined }
  /**
   * Of the workflow as a whole: `deadlineMs`, `onFailure` (what a failed step does to the others), `result` (what it is made
   * of), `parameters` (their order), `name`, `properties` (claims that only one of them makes).
   */
  | {
      readonly kind: 'workflow.changed'
      readonly field: string
      readonly before: Json | undefined
      readonly after: Json | undefined
    }
