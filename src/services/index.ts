/** Services: what goes on while others use it. Who keeps them, and what ends those that a killed process has left. */
export {
  openServices,
  serviceId,
  type ServiceId,
  type ServiceLine,
  type Services,
  type ServicesOptions,
  type ServiceView,
} from './manager.ts'
export type { ServiceState } from './life.ts'
export { guardGroups } from './guard.ts'
export type { Reaped } from './roster.ts'
export { type Orphans, reapOrphans } from './orphans.ts'
