/**
 * How a gate and its plugins say that they are.
 *
 * @module
 */

/** How a plugin is doing, as plain values under names in camel case; numbers end in their unit. */
export type Health = Readonly<Record<string, string | number | boolean>>;

/** How a gate is doing. */
export interface GateHealth {
  /** How many faults were reported since the gate was created. */
  readonly errors: number;
  /** How many pieces of work are pending after their responses. */
  readonly pending: number;
  /** What each plugin says that tells of itself, by its name. */
  readonly plugins: Readonly<Record<string, Health>>;
}
