import type { Begun, GateAnswer, Passage } from "../begun.ts";
import type { FieldList } from "./fields.ts";
import type { AnswerHead } from "./plain-answer.ts";

/** All that an answer consists of. */
export interface AnswerParts {
  readonly status: number;
  readonly list: FieldList;
  readonly content: string | null;
}

/**
 * An answer of the gate of which all is known. Servers that write their own response need no `Response` for it, whose making, and reading as a stream,
 * would take them longer than all else; one is made for whoever asks for it.
 */
export class HeldAnswer implements GateAnswer {
  readonly parts: AnswerHead;
  #answer: Response | undefined;

  constructor(parts: AnswerHead) {
    this.parts = parts;
  }

  get answer(): Response {
    return this.#answer ??= this.parts.with([], () => {});
  }
}

/** The parts of an answer that was begun, where all of them are known. */
export function partsIn(begun: Begun | Pick<HeldAnswer, "parts">): AnswerParts | undefined {
  return "parts" in begun ? begun.parts : undefined;
}

/** Whether nobody wants to know what becomes of a passage, and nothing would be changed: it may as well not be ended. */
export function isOver(passage: Passage | { readonly isOver: boolean }): boolean {
  return "isOver" in passage && passage.isOver;
}
