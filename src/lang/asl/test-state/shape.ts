/** Holding a mocked result against what the service's model says of its answers. */
import type { Json } from '../../../util/json.ts'
import type { FieldValidationMode } from './request.ts'

export function checkShape(_resource: string, _result: Json, mode: FieldValidationMode): void {
  if (mode === 'NONE') return
}
