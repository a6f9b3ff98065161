/** When people can register for a lottery. */

/** How long before the opening registration closes, at least, in milliseconds. */
export const leastMs = 60_000;

/** How many registered, where it begins at a time: not known before it closes, and nobody where it could not be open at all. */
export function registeredAtFirst(
  { order, opensAt }: { readonly order: "arrival" | "lottery"; readonly opensAt: number },
  now: number,
): number {
  return order === "lottery" && now < opensAt - leastMs ? -1 : 0;
}
