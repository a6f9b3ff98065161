/** What is used of Durable Objects. The platform's own types fit. */

/** What a statement gives. */
export interface SqlRows {
  toArray(): readonly Readonly<Record<string, unknown>>[];
}

/** The storage of an object. */
export interface ObjectStorage {
  readonly sql: { exec(query: string, ...bindings: (string | number)[]): SqlRows };
  /** Makes all writes of the closure, or none where it throws. */
  transactionSync<T>(closure: () => T): T;
  setAlarm(time: number): Promise<void>;
  deleteAlarm(): Promise<void>;
}

/** What an object is made with. */
export interface ObjectContext {
  readonly storage: ObjectStorage;
}

/** An object, as others reach it. */
export interface ObjectStub {
  fetch(url: string, init?: { readonly method: string; readonly body: string }): Promise<ObjectAnswer>;
}

/** What an object answers. */
export interface ObjectAnswer {
  readonly ok: boolean;
  json(): Promise<unknown>;
}

/** The binding of a class of objects. `Id` is what the platform names an object by. */
export interface ObjectNamespace<Id = unknown> {
  idFromName(name: string): Id;
  get(id: Id): ObjectStub;
}
