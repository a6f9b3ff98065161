/**
 * Finds where the objects of a class keep something of their own: by a symbol that is no export. To look for it in each object takes longer than
 * all else that is done with one, so that it is known once for the class. An object may lack what others of its class have; that a whole class
 * keeps nothing is known by one that nobody has looked at.
 *
 * @param description What the symbol is called.
 * @param make Makes such an object, of whatever class the platform has by then.
 */
export function ownKeyFinder(
  description: string,
  make: () => object,
): (object: object) => symbol | undefined {
  /** What is known of each class; `undefined` for one that may keep something, in others of its objects. */
  const known = new WeakMap<object, symbol | typeof nothing | undefined>();

  function find(object: object, kind: object | null): symbol | undefined {
    const key = ownKeyOf(object, description);
    if (kind === null) return key;
    if (key !== undefined) known.set(kind, key);
    else if (!known.has(kind)) known.set(kind, keepsNothing(kind) ? nothing : undefined);
    return key;
  }

  function keepsNothing(kind: object): boolean {
    const fresh = make();
    return Object.getPrototypeOf(fresh) === kind && ownKeyOf(fresh, description) === undefined;
  }

  return (object) => {
    const kind: object | null = Object.getPrototypeOf(object);
    const key = kind === null ? undefined : known.get(kind);
    if (key === nothing) return undefined;
    return key ?? find(object, kind);
  };
}

/** Stands for the symbol of a class that has none. */
const nothing = "nothing";

function ownKeyOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}
