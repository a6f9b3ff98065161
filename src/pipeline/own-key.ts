/**
 * Finds where the objects of a class keep something of their own: by a symbol that is no export. To look for it in each object takes longer than
 * all else that is done with one, so that it is known once for the class.
 *
 * @param description What the symbol is called.
 */
export function ownKeyFinder(description: string): (object: object) => symbol | undefined {
  const keys = new WeakMap<object, symbol>();
  return (object) => {
    const kind: object | null = Object.getPrototypeOf(object);
    const known = kind === null ? undefined : keys.get(kind);
    if (known !== undefined) return known;
    const key = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
    if (key !== undefined && kind !== null) keys.set(kind, key);
    return key;
  };
}
