import { applyChanges } from "../http/header-changes.ts";
import type { FieldList } from "./fields.ts";
import { keepsText } from "./kept-body.ts";

/** An answer that is the same for many visitors: nobody gets the response itself, and each a copy, where that takes the platform less than to make one. */
export class Original {
  readonly status: number;
  readonly list: FieldList;
  readonly text: string | null;
  /** The class that the platform had when it was made: a server may replace it. */
  #kind: typeof Response | undefined;
  #response: Response | undefined;

  constructor(status: number, list: FieldList, text: string | null) {
    this.status = status;
    this.list = list;
    this.text = text;
  }

  /** A copy; `undefined` where it is not cheaper, or would be of another class than a response that is made. */
  copy(): Response | undefined {
    if (this.#kind !== Response) {
      this.#kind = Response;
      this.#response = this.#make();
    }
    return this.#response?.clone();
  }

  #make(): Response | undefined {
    const response = new Response(this.text, { status: this.status });
    applyChanges(response.headers, this.list);
    const isKept = this.text === null || keepsText(response);
    return isKept && kindOf(response.clone()) === kindOf(response) ? response : undefined;
  }
}

function kindOf(response: Response): unknown {
  return Object.getPrototypeOf(response);
}
