/** What is used of Durable Objects. The platform's own types fit. */

/** What a statement gives. */
export interface SqlRows {
  /** All rows, by the names of their columns. */
  toArray(): readonly Readonly<Record<string, unknown>>[];
}

/** The storage of an object. */
export interface ObjectStorage {
  /** The SQLite database. */
  readonly sql: { exec(query: string, ...bindings: (string | number)[]): SqlRows };
  /** Makes all writes of the closure, or none where it throws. */
  transactionSync<T>(closure: () => T): T;
  /** Has the object woken at a time, in Unix milliseconds. */
  setAlarm(time: number): Promise<void>;
  /** Has the object not woken any more. */
  deleteAlarm(): Promise<void>;
}

/** What an object is made with. */
export interface ObjectContext {
  /** What the object keeps. */
  readonly storage: ObjectStorage;
}

/** An object, as others reach it. */
export interface ObjectStub {
  /** Asks the object. */
  readonly fetch: (
    url: string,
    init?: { readonly method: string; readonly body: string },
  ) => Promise<ObjectAnswer>;
}

/** What an object answers. */
export interface ObjectAnswer {
  /** Whether the status is one of success. */
  readonly ok: boolean;
  /** Reads the body. */
  json(): Promise<unknown>;
}

/** The binding of a class of objects. `Id` is what the platform names an object by. */
export interface ObjectNamespace<Id = unknown> {
  /** The object of a name: everywhere the same. */
  idFromName(name: string): Id;
  /** What reaches an object. */
  get(id: Id): ObjectStub;
}
