import { enc } from "./encode.ts";

/** How a page to come back to is told to waiting rooms. Nearly all who come back to one are sent to the same room. */
export class WayBack {
  /** The parameter, to be put behind others; `""` where there is nothing to be told. */
  readonly parameter: string;
  #entrance = "";
  #way = "";

  constructor(page: string) {
    const encoded = enc(page);
    this.parameter = encoded === "" ? "" : `&t=${encoded}`;
  }

  /** The way to a room with the parameter behind it. */
  from(entrance: string): string {
    if (entrance !== this.#entrance) {
      this.#entrance = entrance;
      // Joined it is in one piece, through which platforms look in less time.
      this.#way = [entrance, this.parameter].join("");
    }
    return this.#way;
  }
}
